CREATE TABLE note (id int PRIMARY KEY, "Author" text, body text);
CREATE TABLE child (extra int) INHERITS (note);
CREATE TABLE made AS SELECT 1 AS one;
CREATE TABLE part (id int, k int) PARTITION BY RANGE (k);
CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM (0) TO (10);
