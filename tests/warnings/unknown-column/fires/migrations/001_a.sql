CREATE TABLE note (id int PRIMARY KEY, author text, body text);
CREATE TABLE copy (LIKE note);
