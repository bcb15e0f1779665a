CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $f$
BEGIN
  -- it's; here
  IF true THEN RETURN 1; END IF;
END;
$f$;
SELECT f();
