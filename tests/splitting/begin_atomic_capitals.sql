create function f() returns int language sql begin atomic select 1; end; Create Function g() Returns int Begin Atomic Select 1; End; SELECT 2;
