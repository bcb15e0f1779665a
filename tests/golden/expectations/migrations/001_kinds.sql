CREATE TABLE a (x int, t text);
-- stele: expect rows = 2
INSERT INTO a VALUES (1, 'x'), (2, 'y');
-- stele: expect rows >= 1 if table not empty
UPDATE a SET t = 'z';
-- stele: expect   rows   <=   5   if   table   not   empty
WITH gone AS (SELECT 1) DELETE FROM ONLY public . "a" /* here */ AS t USING gone WHERE t.x = 1;
-- stele: expect rows > 0
MERGE INTO a AS t USING (VALUES (1)) AS v (x) ON t.x = v.x WHEN NOT MATCHED THEN INSERT VALUES (v.x);
-- stele: expect rows < 9
-- stele: expect rows <> 0
COPY "a" (x, t) FROM stdin;
7	-- stele: expect rows = 1
\.
-- stele: expect rows = 0
COPY a FROM PROGRAM 'true';
-- stele: expect rows >= 0
SELECT * FROM a;
-- stele: expect rows >= 0
(VALUES (1), (2)) ORDER BY 1;
-- stele: expect rows >= 0
SELECT x INTO b FROM a;
-- stele: expect rows >= 0
CREATE TABLE IF NOT EXISTS c AS TABLE a;
-- stele: unparsed
-- stele: expect rows >= 0
UPDATE a NEWER SYNTAX;
-- stele: expect rows >= 0
-- stele: unparsed
UPDATE a NEWER SYNTAX;
-- stele: down
-- stele: expect rows = 1
DELETE FROM a
