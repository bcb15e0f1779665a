-- stele: component b_4
SELECT 1;
