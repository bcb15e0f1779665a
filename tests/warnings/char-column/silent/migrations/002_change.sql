CREATE TABLE country (code text PRIMARY KEY, letter "char");
