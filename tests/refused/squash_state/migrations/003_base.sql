-- stele: squashes 002 "release 1"
CREATE TABLE a (x int);
CREATE TABLE b (x int);
