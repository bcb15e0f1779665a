CREATE SCHEMA memory;
SET search_path = memory;
CREATE TABLE fact (id int);
RESET search_path;
CREATE TABLE plain (id int);
