CREATE TABLE list (id int);
CREATE UNIQUE INDEX list_pkey ON list (id);
