CREATE SCHEMA memory;
SET search_path = memory;
CREATE TABLE fact (id int);
