SELECT $a$$;$$;$$a$; SELECT $$$a$a$;$$;
