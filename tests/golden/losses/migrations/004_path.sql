SELECT 1;
-- stele: down
SELECT set_config('search_path', 's', true);
DROP TABLE t;
ALTER TABLE s.t DROP COLUMN x;
