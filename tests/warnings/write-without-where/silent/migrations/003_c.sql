CREATE TABLE fresh (x int);
UPDATE fresh SET x = 1;
TRUNCATE memory;
DELETE FROM memory;
INSERT INTO memory VALUES (1, 'one'), (2, 'two');
