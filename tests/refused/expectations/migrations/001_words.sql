-- stele: expect
SELECT 1;
-- stele: expect rows
SELECT 1;
-- stele: expect rows 1
SELECT 1;
-- stele: expect rows == 1
SELECT 1;
-- stele: expect rows >= -1
SELECT 1;
-- stele: expect rows >= many
SELECT 1;
-- stele: expect rows >= 1000000000000000000
SELECT 1;
-- stele: expect rows >= 1 if
SELECT 1;
-- stele: expect rows >= 1 if table is empty
UPDATE a SET x = 1;
-- stele: expect columns >= 1
SELECT 1;
-- stele: expect rows >= 1 (SELECT 1)
SELECT 1;
-- stele: expects rows >= 1
SELECT 1;
