CREATE TABLE draft (id integer PRIMARY KEY);
CREATE TABLE list (id serial);
