SELECT $é$;$e$;$é$, $日本$;$日$;$日本$; SELECT 2;
