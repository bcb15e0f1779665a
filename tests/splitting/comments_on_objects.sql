CREATE TABLE t (x int); COMMENT ON TABLE t IS 'it''s; here'; COMMENT ON COLUMN t.x IS E'a\';'; SELECT 2;
