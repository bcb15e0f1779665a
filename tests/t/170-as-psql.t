#!/usr/bin/perl
# What psql makes of a file, stele makes of it: statements that are hard to tell apart, COPY data, files with their own
# BEGIN and COMMIT, statements that can't run in a transaction.
use strict;
use warnings;
use File::Glob qw(:bsd_glob);    # the plain one splits at blanks
use Test::More;
use Stele::Test;

my %files = (
    '001_strings.sql' => <<'E',
CREATE TABLE note (id int GENERATED ALWAYS AS IDENTITY, body text);
INSERT INTO note (body) VALUES ('it''s; -- no comment'), (E'a\'b;\\'), ($$x;$y$z;$$), (U&'d\0061t\+000061;'),
    ('one' -- a comment between two pieces of one string; it's white space
     ' string;'), (E'a\n'
     'b\\; c'), ($é$é;$é$), ('${left} alone'), (N'n;'), (B'01'::text), ('a\');
SET standard_conforming_strings = off; SET escape_string_warning = off;
INSERT INTO note (body) VALUES ('it\'s; here'), (E'\\');
RESET standard_conforming_strings;
INSERT INTO note (body) VALUES ('again \');
SELECT 1 /* a /* nested; */ comment; */ AS "semi;colon" --;
;;
INSERT INTO note (body) SELECT (5 =-1/* no operator */)::text
E
    '002_routines.sql' => <<'E',
CREATE FUNCTION old_style() RETURNS int LANGUAGE plpgsql AS $f$ BEGIN IF true THEN RETURN 1; END IF; END; $f$;
CREATE FUNCTION new_style(a int) RETURNS int LANGUAGE sql
BEGIN ATOMIC
    SELECT 1;
    SELECT CASE WHEN a = 1 THEN 2 ELSE CASE WHEN a = 2 THEN 3 END END AS "end";
END; CREATE TABLE behind (x int);
CREATE RULE note_rule AS ON UPDATE TO note DO ALSO (INSERT INTO behind VALUES (1); INSERT INTO behind VALUES (2));
E
    '003_copy.sql' => <<'E',
CREATE TABLE target (id int, body text);
COPY target (id, body) FROM stdin;
1	it's; $$ -- fine
2	\N
\.
COPY target FROM STDIN WITH (FORMAT csv);
3,"a
b; c"
\.
COPY target FROM stdin;
\.
INSERT INTO target VALUES (4, 'after the data');
E
    '004_own_transactions.sql' => <<'E',
SET statement_timeout = '1min';
BEGIN;
CREATE TABLE own (x int);
SAVEPOINT s;
INSERT INTO own VALUES (1);
ROLLBACK TO s;
COMMIT;
BEGIN ISOLATION LEVEL SERIALIZABLE;
INSERT INTO own VALUES (2);
COMMIT;
INSERT INTO own VALUES (3);
COMMIT;
E
    '005_outside.sql' => <<'E',
CREATE INDEX CONCURRENTLY own_x ON own (x);
ALTER TABLE own ADD COLUMN y int;
REINDEX INDEX CONCURRENTLY own_x;
VACUUM own;
CREATE PROCEDURE in_batches() LANGUAGE plpgsql AS $$
BEGIN
    FOR i IN 1..3 LOOP INSERT INTO own VALUES (10 + i); COMMIT; END LOOP;
END $$;
CALL in_batches();
DO $$ BEGIN INSERT INTO own VALUES (20); COMMIT; INSERT INTO own VALUES (21); END $$;
E
    '006_enum.sql' => <<'E',
CREATE TYPE mood AS ENUM ('good');
ALTER TYPE mood ADD VALUE 'better';
CREATE TABLE feeling (m mood DEFAULT 'better');
CREATE INDEX CONCURRENTLY feeling_m ON feeling (m);
ALTER TYPE mood ADD VALUE 'best';
INSERT INTO feeling VALUES ('best');
E
    '007_dump.sql' => <<'E',
SET statement_timeout = 0;
SET client_encoding = 'UTF8';
SELECT pg_catalog.set_config('search_path', '', false);
CREATE TABLE public.dumped (id integer, body text);
COPY public.dumped (id, body) FROM stdin;
1	café
\.
E
    '008_crlf.sql'    => "CREATE TABLE crlf (x text);\r\nINSERT INTO crlf VALUES ('one line');\r\n",
    '009_nothing.sql' => "-- nothing\n",
    '010_last.sql'    => "CREATE TEMP TABLE scratch AS SELECT 1 AS x;\nCREATE TABLE last AS SELECT * FROM scratch",
);

my $dir = migrations({%files});
my ($by_stele, $by_psql) = (fresh_database(), fresh_database());
my ($exit, $out, $err) = stele(program($dir), $by_stele, 'up');
is($exit, 0, 'stele applies them') or diag($out, $err);
for my $file (sort glob("$dir/*.sql")) {
    ($exit, $out, $err) =
        run(postgres('psql'), '-X', '-q', '-o', '/dev/null', '-v', 'ON_ERROR_STOP=1', '-d', url($by_psql), '-f', $file);
    (my $name = $file) =~ s{.*/}{};
    is($exit, 0, "psql applies $name") or diag($err);
}
my @dumps = map {
    my ($failed, $text, $why) = run(postgres('pg_dump'), '-N', 'stele', '-d', url($_));
    is($failed, 0, "pg_dump of $_") or diag($why);
    $text =~ s/^\\(?:un)?restrict .*\n//mgr;
} $by_stele, $by_psql;
is($dumps[0], $dumps[1], 'and the two databases are the same');

done_testing();
