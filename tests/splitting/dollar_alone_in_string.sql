SELECT '$$;', E'$a$;', "$$;" FROM (SELECT 1) AS v ("$$;"); SELECT 2;
