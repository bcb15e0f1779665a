SELECT 1 NOT /* ; */ IN (2), 1 NOT -- ;
 BETWEEN 1 AND 2, 'a' NOT /* ; */ LIKE 'b';
SELECT a FROM (VALUES (1)) AS v (a) ORDER BY a NULLS /* ; */ FIRST;
SELECT '2025-01-17'::timestamp WITH /* ; */ TIME ZONE, '2025-01-17'::timestamp WITHOUT -- ;
 TIME ZONE;
SELECT * FROM generate_series(1, 2) WITH /* é; */ ORDINALITY;
SELECT U&'a##;' /* ; */ UESCAPE -- ;
 '#', 1 AS U&"b##;" /* ; */ UESCAPE /* ; */ '#';
