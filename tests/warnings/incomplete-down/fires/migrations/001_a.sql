CREATE TABLE kind (id int);
CREATE TABLE mode (id int);
-- stele: down
DROP TABLE kind;
