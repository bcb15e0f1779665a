CREATE TABLE scratch (id int);
TRUNCATE scratch;
CREATE TEMPORARY TABLE pile (id int);
TRUNCATE pile;
