SET LOCAL search_path = app;
SELECT 1 WHERE 2 IN (3);
