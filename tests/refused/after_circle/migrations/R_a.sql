-- stele: after R_b
SELECT 1;
