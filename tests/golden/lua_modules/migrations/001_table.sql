CREATE TABLE memory (id bigint PRIMARY KEY, text text, words text[]);
