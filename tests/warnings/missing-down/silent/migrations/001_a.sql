CREATE TABLE kind (id int);
-- stele: down
DROP TABLE kind;
