-- stele: one-way "nobody wants it back"
CREATE TABLE one (id int);
