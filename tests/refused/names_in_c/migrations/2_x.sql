-- stele: component a_1
SELECT 1;
