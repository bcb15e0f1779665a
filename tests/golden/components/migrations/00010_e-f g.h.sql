-- stele: component auth
CREATE TABLE e (x int);
