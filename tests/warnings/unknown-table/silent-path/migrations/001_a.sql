CREATE SCHEMA app;
CREATE TABLE public.base (id int);
SELECT pg_catalog.set_config('search_path', 'app, public', false);
CREATE TABLE note (id int);
ALTER TABLE app.note ADD COLUMN title text;
