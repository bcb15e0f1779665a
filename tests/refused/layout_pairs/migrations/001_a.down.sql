DROP TABLE a; -- it's fine
