SELECT $a$x;$$;y$a$, $b_1$;$b$;$b_1$; SELECT $a$$b$;$b$;$a$;
