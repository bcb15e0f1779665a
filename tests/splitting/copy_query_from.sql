CREATE TABLE t (a text, b text);
COPY (SELECT a FROM t WHERE a = 'stdin') TO STDOUT; SELECT 2;
