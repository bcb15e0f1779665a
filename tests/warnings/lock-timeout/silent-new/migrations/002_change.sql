CREATE TABLE draft (id int);
ALTER TABLE draft ADD COLUMN a int;
