-- stele: one-way "the old column is merged"
ALTER TABLE kind ADD COLUMN x int;
