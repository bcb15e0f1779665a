CREATE TABLE memory (id bigint PRIMARY KEY, content text);
