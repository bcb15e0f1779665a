SELECT $a$;$a$ || $b$;$b$||$$;$$; SELECT 2;
