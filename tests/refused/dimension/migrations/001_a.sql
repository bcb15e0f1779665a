CREATE TABLE a_b (c vector(3));
CREATE TABLE a (b_c vector(3));
