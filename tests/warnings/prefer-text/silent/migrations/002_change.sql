CREATE TABLE draft (title text, subtitle varchar);
