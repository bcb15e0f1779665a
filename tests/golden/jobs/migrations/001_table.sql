CREATE TABLE note (id bigint PRIMARY KEY, content text, secret text, embedding real[], input bytea);
