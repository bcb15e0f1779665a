-- stele: component a
SELECT 1;
