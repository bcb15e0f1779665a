CREATE TABLE kind (id int);
