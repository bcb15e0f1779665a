-- stele: component HEAD_b
SELECT 1;
