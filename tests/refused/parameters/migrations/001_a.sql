SELECT ${undeclared};
SELECT '${undeclared} is left alone';
CREATE TABLE t_${name} (x int);
SELECT ${text}'x', E${text}, ${name}"x", 1-${number};
SELECT 'a'
 ${text};
SELECT U&'${text}';
SELECT $$ ${dollar} $$;
SELECT 1 AS ${text};
SELECT ${clause} FROM a, ${clause} b c;
SET standard_conforming_strings = off;
SELECT ${text};
SELECT :'variable';
