CREATE TABLE memory (id int, content text, kind text);
CREATE TABLE memory_fact (id int);
CREATE INDEX memory_kind_idx ON memory (kind);
CREATE TYPE mood AS ENUM ('sad');
CREATE TRIGGER touch BEFORE UPDATE ON memory FOR EACH ROW EXECUTE FUNCTION touch();
