SELECT 1 AS a, $$;$$ AS b; SELECT 2;
