-- stele: component billing
CREATE TABLE invoice (id int, account int REFERENCES account);
INSERT INTO account VALUES (1);
ALTER TABLE account ADD COLUMN invoices int;
CREATE INDEX ON account (id);
DROP TABLE person;
