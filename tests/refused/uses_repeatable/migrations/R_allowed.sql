-- stele: allow use-of-repeatable "the base schema has one, too"
CREATE OR REPLACE VIEW spare AS SELECT 1;
