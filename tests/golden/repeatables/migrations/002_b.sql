-- stele: allow use-of-repeatable "it stands in the base schema, too"
SELECT * FROM total, latest;
