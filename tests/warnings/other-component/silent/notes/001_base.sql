-- stele: after accounts/001
INSERT INTO account (id) VALUES (1);
CREATE TABLE mine (account bigint REFERENCES account);
ALTER TABLE mine ADD COLUMN x int;
