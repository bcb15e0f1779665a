CREATE SCHEMA s;
BEGIN;
SET LOCAL search_path TO s;
CREATE TABLE t (id int);
COMMIT;
BEGIN;
CREATE TABLE t (id int, other text);
COMMIT;
UPDATE public.t SET other = 'x' WHERE id = 1;
