-- stele: component billing
--stele: lock-timeout 5s
   -- stele:   statement-timeout    1.5min
-- stele: one-way "fact is merged; \"there\" is no way back"
-- stele: needs vector >= 0.5
-- stele: needs server >= 14
-- stele: needs pg_trgm
-- stele: allow drop-column "unused since 1.4"
CREATE TABLE a (x int);
SELECT '
-- stele: no directive in a string
', $$
-- stele: nor here
$$ /*
-- stele: nor here
*/;
-- stele: unparsed
CREATE TABLE b (x int) NEWER SYNTAX (a; b);
-- stele: verify
SELECT true;
-- stele: unparsed
SELECT SOMETHING NEW
-- stele: down
DROP TABLE a
