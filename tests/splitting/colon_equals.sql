CREATE FUNCTION f(a int, b int DEFAULT 2) RETURNS int LANGUAGE sql AS $$ SELECT a $$; SELECT f(a := 1, b := 2); SELECT f(a => 1);
