CREATE TABLE memory (id bigint PRIMARY KEY, content text, kind text);
CREATE TABLE other (id bigint PRIMARY KEY, content text);
