-- stele: one-way "who would want it back"
CREATE TABLE kind (id int);
-- stele: verify
SELECT true;
