SELECT '${who}', "${a.b-c}" -- ${nobody}
     , ${flyway:user}, $$ ${body} $$;
