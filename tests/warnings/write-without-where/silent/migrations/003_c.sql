CREATE TABLE fresh (x int);
UPDATE fresh SET x = 1;
TRUNCATE memory;
