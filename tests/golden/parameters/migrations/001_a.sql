-- ${dim} in a comment is no reference
CREATE TABLE t_${dim} (v vector(${dim}), n int DEFAULT ${offset}) WITH (fillfactor = ${fill});
ALTER TABLE t_${dim} OWNER TO ${owner};
COMMENT ON COLUMN t_${dim}.v IS '${dim} dimensions of ${model}';
INSERT INTO t_${dim} (n) SELECT length(${greeting}) + length(E'${greeting}') + length(${model});
ALTER TABLE t_${dim} RENAME TO "t_${dim}_${owner}";
CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN ${dim}; END $$;
SELECT '${unknown} is left alone', $$ ${this} too $$;
COPY t FROM stdin;
${dim}
\.
-- stele: unparsed
ALTER TABLE u ${clause};
CREATE TABLE "u&${dim}" (a int);
SELECT U&"x${owner}" FROM ${owner}.t, t_${fill};
