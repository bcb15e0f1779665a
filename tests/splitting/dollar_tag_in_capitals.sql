SELECT $A$;$a$;$A$; SELECT $a$;$A$;$a$;
