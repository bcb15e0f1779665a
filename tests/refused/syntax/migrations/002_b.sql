ALTER TABLE b ADD COLUMN;
SELECT 1 /* 日本語; é */ + -- é
    2 3 4;
