-- stele: expect rows = (SELECT count(*) FROM a WHERE t = 'a  ) -- b' AND x IN (SELECT 1)) if table not empty
UPDATE a SET x = 1;
--stele:expect rows >= (WITH w AS (VALUES (${least})) SELECT * FROM w)
UPDATE ${owner}.a SET t = '${word}';
-- stele: expect rows =(SELECT count(*) /* ) */ FROM "${owner}".a WHERE t = ${word} OR t = $$;${word}$$)if table not empty
INSERT INTO "${owner}" . a SELECT 1;
