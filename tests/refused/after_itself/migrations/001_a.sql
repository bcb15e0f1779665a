-- stele: after 002
SELECT 1;
