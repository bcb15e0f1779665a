CREATE TABLE two (id int);
-- stele: down
-- nothing to do
