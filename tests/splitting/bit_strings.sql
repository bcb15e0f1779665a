SELECT B'01', X'1F', b'1', x'f'; SELECT 2 AS b, 'x;' AS x;
