CREATE TABLE memory (id bigint PRIMARY KEY, content text);
CREATE TABLE filled (id bigint PRIMARY KEY, content text);
INSERT INTO filled VALUES (1, 'one');
