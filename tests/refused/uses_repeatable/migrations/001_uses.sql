CREATE TABLE t (x int DEFAULT f(1), m mood, r v[]);
INSERT INTO t SELECT x FROM public.v
    WHERE x IN (SELECT x FROM reporting.w);
CREATE TRIGGER touch BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION public.touch();
GRANT SELECT ON v TO public;
COMMENT ON FUNCTION f(int, int) IS 'x';
COMMENT ON COLUMN reporting.w.x IS 'y';
CALL clean();
CREATE FUNCTION g() RETURNS int BEGIN ATOMIC SELECT total(x) FROM t; END;
-- stele: down
DROP VIEW v;
-- stele: verify
SELECT count(*) = 0 FROM v;
