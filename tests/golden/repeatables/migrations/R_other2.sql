-- stele: after other/R_other
SELECT 1;
