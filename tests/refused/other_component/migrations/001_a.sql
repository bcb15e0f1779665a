-- stele: component core
CREATE TABLE account (id int PRIMARY KEY);
CREATE TABLE person (id int PRIMARY KEY);
