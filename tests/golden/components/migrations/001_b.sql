-- stele: component auth
CREATE TABLE b (x int);
