SELECT $a$;$ab$;$a$; SELECT $ab$;$a$;$ab$;
