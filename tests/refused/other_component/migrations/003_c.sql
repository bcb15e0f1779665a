-- stele: component billing
-- stele: allow other-component "the core team agreed, in September"
ALTER TABLE account ADD COLUMN total int;
