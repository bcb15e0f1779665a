CREATE TABLE ${schema.name}.b (x int);
