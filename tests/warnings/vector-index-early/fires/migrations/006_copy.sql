COPY word (id, embedding) FROM stdin;
1	[1,2,3]
\.
