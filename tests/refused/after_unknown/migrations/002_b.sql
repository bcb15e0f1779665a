-- stele: after R_a
SELECT 1;
