CREATE TABLE a (x text DEFAULT 'never ends);
