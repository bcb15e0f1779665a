SELECT pg_catalog.set_config('search_path', '', false);
CREATE TABLE public.kind (id int);
ALTER TABLE ONLY kind ADD CONSTRAINT kind_pkey PRIMARY KEY (id);
