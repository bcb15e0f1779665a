CREATE TABLE draft (id bigint PRIMARY KEY, stars integer);
CREATE TABLE list (id bigserial, part integer, PRIMARY KEY (id, part));
