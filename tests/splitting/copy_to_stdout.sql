CREATE TABLE t (a text, b text);
COPY t TO stdout; COPY (SELECT 1) TO stdout; SELECT 2;
