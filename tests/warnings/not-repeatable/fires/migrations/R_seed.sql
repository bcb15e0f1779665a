INSERT INTO kind VALUES (1, 'fact');
INSERT INTO kind VALUES (2, 'preference');
INSERT INTO kind VALUES (3, 'event');
CREATE TABLE seeds (id int);
CREATE INDEX kind_name ON kind (name);
CREATE VIEW kinds AS SELECT * FROM kind;
ALTER TABLE kind ADD COLUMN note text;
CREATE POLICY all_of_it ON kind USING (true);
CREATE TYPE mood AS ENUM ('good');
COPY kind FROM stdin;
2	x
\.
