CREATE TABLE memory (id bigint PRIMARY KEY, content text);
CREATE TABLE schema_version (version int);
INSERT INTO schema_version VALUES (1);
UPDATE memory SET content = 'x';
