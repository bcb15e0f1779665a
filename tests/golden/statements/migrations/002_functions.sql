CREATE FUNCTION old_style(a int) RETURNS int LANGUAGE plpgsql AS $function$
BEGIN
    IF a > 0 THEN RETURN $1; END IF;
    RETURN 0;
END;
$function$;
CREATE OR REPLACE FUNCTION new_style(a int) RETURNS int LANGUAGE sql
BEGIN ATOMIC
    INSERT INTO a VALUES (a);
    SELECT CASE WHEN a = 1 THEN 2 ELSE 3 END AS end;
END;
CREATE PROCEDURE nothing() LANGUAGE sql BEGIN ATOMIC END;
CREATE FUNCTION begins(begin int DEFAULT 1) RETURNS int LANGUAGE sql RETURN begin + CASE WHEN true THEN 1 END;
SELECT 'a last statement without a semicolon'
