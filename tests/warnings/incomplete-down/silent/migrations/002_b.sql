CREATE SCHEMA s;
CREATE TABLE s.t (id int);
-- stele: down
DROP SCHEMA s CASCADE;
