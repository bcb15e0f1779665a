SELECT E'a' AS x, 'b\' AS y;
SELECT E'a', 'b\'; SELECT 3;
