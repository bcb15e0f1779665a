ALTER TABLE other_thing ADD COLUMN x int;
