-- stele: lock-timeout 5s
ALTER TABLE note ADD COLUMN a int;
