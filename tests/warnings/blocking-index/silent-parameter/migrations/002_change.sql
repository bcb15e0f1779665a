-- the schema is not known before it is applied
CREATE TABLE ${schema}.t (id int);
CREATE INDEX ON ${schema}.t (id);
