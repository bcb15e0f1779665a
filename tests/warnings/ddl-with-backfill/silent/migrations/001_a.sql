CREATE TABLE memory (id bigint PRIMARY KEY, content text, kind text);
CREATE TABLE other (id bigint PRIMARY KEY, content text UNIQUE);
ALTER TABLE memory ADD COLUMN main_content text;
UPDATE memory SET main_content = content WHERE main_content IS NULL;
