CREATE TABLE note (id bigint PRIMARY KEY, title varchar(40), body text, tags varchar(20)[], author bigint);
ALTER TABLE note ADD CONSTRAINT author_not_null CHECK (author IS NOT NULL) NOT VALID;
