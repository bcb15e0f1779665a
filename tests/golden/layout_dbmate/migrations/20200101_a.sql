-- migrate:up
CREATE TABLE a (x int);
-- migrate:down
DROP TABLE a;
-- migrate:up transaction:false
CREATE TABLE a2 (x int);
-- migrate:down
DROP TABLE a2;
