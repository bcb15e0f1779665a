-- stele: after R_veiws, 007, "R_no view"
-- stele: after auth/R_x, main/2
-- stele: after auth/12
SELECT 1;
