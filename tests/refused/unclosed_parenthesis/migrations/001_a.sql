CREATE TABLE good (x int);
CREATE TABLE a (
    x int CHECK (x > 0;
SELECT FORM a;
