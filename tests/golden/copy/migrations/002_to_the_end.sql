COPY public.t (id) FROM stdin;
10
11