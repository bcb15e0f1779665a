ALTER TABLE note ADD CONSTRAINT author_not_null CHECK (author IS NOT NULL AND author > 0) NOT VALID;
