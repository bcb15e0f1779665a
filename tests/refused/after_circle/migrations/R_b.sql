-- stele: after 001, R_c
SELECT 1;
