CREATE TABLE pg_temp.other (x int);
