CREATE TABLE parent (id int);
CREATE TABLE child (id int);
ALTER TABLE child INHERIT parent;
ALTER TABLE parent ADD COLUMN note text;
ALTER TABLE child NO INHERIT parent;
ALTER TABLE child DROP COLUMN note;
