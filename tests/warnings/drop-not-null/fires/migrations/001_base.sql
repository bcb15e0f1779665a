CREATE TABLE note (title text NOT NULL);
