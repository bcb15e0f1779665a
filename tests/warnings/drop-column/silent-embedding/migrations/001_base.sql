CREATE EXTENSION vector;
CREATE TABLE memory (id bigint, embedding vector(3));
