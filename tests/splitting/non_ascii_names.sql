SELECT 1 AS été, 2 AS 日本語, 3 AS "é;"; CREATE TABLE größe (maß int); SELECT maß FROM größe;
