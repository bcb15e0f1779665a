ALTER TABLE memory ADD COLUMN main_content text;
UPDATE memory SET main_content = content WHERE main_content IS NULL;
UPDATE memory SET kind = 'once is enough' WHERE kind IS NULL;
