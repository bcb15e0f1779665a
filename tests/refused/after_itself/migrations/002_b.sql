-- stele: after 002, 003
SELECT 1;
