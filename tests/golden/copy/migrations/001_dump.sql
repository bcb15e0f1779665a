\restrict 4f7K2nQ

SET statement_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);

CREATE TABLE public.t (
    id integer NOT NULL,
    note text
);

COPY public.t (id, note) FROM stdin;
1	it's; not a statement
2	$$ nor this -- no comment
3	\N
\.

COPY public.t FROM STDIN WITH (FORMAT csv);
4,"not ${a} parameter"
\.
COPY public.t (id) FROM stdin; -- nothing
\.
COPY public.t TO STDOUT;

\unrestrict 4f7K2nQ
