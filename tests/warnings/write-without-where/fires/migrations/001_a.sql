CREATE TABLE memory (id bigint PRIMARY KEY, content text);
INSERT INTO memory VALUES (1, 'one');
