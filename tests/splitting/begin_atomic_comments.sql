CREATE FUNCTION f() RETURNS int LANGUAGE sql
BEGIN /* ; */ -- end;
 ATOMIC SELECT 1; -- end;
 /* end; */ END /* ; */ ; SELECT 2;
