-- stele: component d
-- stele: squashes 250 "release 1"
CREATE TABLE d (x int);
