SELECT 1::int, '2'::text; SELECT (ARRAY[1,2,3])[1:2]; SELECT (ARRAY[1,2])[:1];
