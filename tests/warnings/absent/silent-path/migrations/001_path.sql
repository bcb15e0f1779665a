-- A name without a schema is in one that only the server knows.
CREATE SCHEMA app;
CREATE TABLE app.note (id int);
DROP TABLE app.note;
SELECT pg_catalog.set_config('search_path', 'app, public', false);
CREATE TABLE note (id int);
ALTER TABLE app.note ADD COLUMN title text;
