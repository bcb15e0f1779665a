CREATE TABLE note (id int, "2" vector(3));
