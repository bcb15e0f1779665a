SELECT pg_catalog.set_config('search_path', '', false);
CREATE TABLE public.kind (id int);
CREATE TEMPORARY TABLE sheet (id int);
INSERT INTO sheet SELECT oid::int FROM pg_class;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
RESET search_path;
INSERT INTO kind VALUES (1);
