-- stele: component c
CREATE TABLE c (x int);
