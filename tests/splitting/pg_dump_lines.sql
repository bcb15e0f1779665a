\restrict abc
SET statement_timeout = 0;
SELECT pg_catalog.set_config('search_path', current_schema, false);
\unrestrict abc
