-- stele: after 1
CREATE TABLE c (x int);
