-- stele: after accounts/001
ALTER TABLE account ADD COLUMN note bigint;
