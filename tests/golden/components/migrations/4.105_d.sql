-- stele: after 4.9, 001
CREATE TABLE d (x int);
