#!/usr/bin/perl
# What a statement holds, and how psql is called, makes no difference: the server gets what the file says.

use strict;
use warnings;

use Stele::Offline;
use Stele::Test;
use Test::More;

my %files = (
    '001_slices.sql' => <<'SQL',
CREATE TABLE t (id int, a int[], x int, y int, "error" int, note text, at timestamptz DEFAULT '2020-01-01 10:20:30');
INSERT INTO t VALUES (1, '{1,2,3,4}', 2, 3, 2, 'a:y b::y :''y'' :"y" ${nothing} \y');
CREATE TABLE s AS SELECT a[x:y] AS one, a[1:y::int] AS two, a[x:"error"] AS three, a[1:error] AS four, a[1:'2'] AS five, a[:y] AS six FROM t;
CREATE VIEW v AS SELECT a[x:y] AS v, 'x:y' AS w, (a[x : y])::text AS z FROM t -- :y; and a comment at the end
;
CREATE FUNCTION f(n int) RETURNS text LANGUAGE plpgsql AS $$ DECLARE y text := ':y'; BEGIN RETURN y || $a$;:y\$a$; END $$;
CREATE FUNCTION g() RETURNS text LANGUAGE sql AS $b$ SELECT $stele$:y;$stele$ || $stele_1$:y$stele_1$ || '$stele' $b$;
CREATE FUNCTION begin() RETURNS int LANGUAGE sql AS 'SELECT 1';
SELECT begin() AS "end", f(1), /* :y ; /* nested ' */ */ g();
SELECT 1 -- the last line, without a semicolon :y
SQL
    '002_backslashes.sql' => <<'SQL',
CREATE TABLE b (x text);
INSERT INTO b VALUES ('a\b'), (E'a\'b\\;'), (E'c\n'
 'd'), (U&'\0061'), ($$\.
\q
$$), ('
\.
;');
SET standard_conforming_strings = off;
SET escape_string_warning = off;
INSERT INTO b VALUES ('it\'s :y ; \\');
SET standard_conforming_strings = on;
COMMENT ON TABLE b IS 'a ''quoted'' \ "thing"';
SQL
    '003_atomic.sql' => <<'SQL',
CREATE TABLE log (x int);
CREATE FUNCTION many(y int) RETURNS int LANGUAGE sql BEGIN ATOMIC INSERT INTO log VALUES (1); SELECT CASE WHEN y > 1 THEN 1 ELSE ((ARRAY[1,2])[1:y])[1] END; END;
CREATE RULE r AS ON DELETE TO log DO ALSO (INSERT INTO log VALUES (7); INSERT INTO log VALUES (8));
DO $$ BEGIN PERFORM many(2); END $$;
CREATE TRIGGER nothing BEFORE UPDATE ON log FOR EACH ROW WHEN (OLD.x > 1) EXECUTE FUNCTION suppress_redundant_updates_trigger();
SQL
    '004_copy.sql' => "COPY b FROM stdin;\na\\tb\n:y 'it''s\n\\\\.\n\\N\n\\.\nCOPY t (id, note) FROM stdin WITH (FORMAT csv);\n2,\"a\nb;\"\n"
        . "\\.\nCOPY t (id, a) FROM stdin WHERE (ARRAY[1,2])[1:id] IS NOT NULL;\n3\t{1,2}\n\\.\nCOPY b FROM stdin (FORMAT csv, ESCAPE '\\');\nx\n\\.\n"
        . "COPY b FROM stdin;\n\\.\nCOPY b TO stdout;\nSELECT 'noise' FROM b;\n",
    '005_long.sql' => "INSERT INTO b VALUES ('" . ('long:y ' x 100000) . "');\n",
    '006_unicode.sql' => "CREATE TABLE \"größe\" (\"日本:y\" text);\nINSERT INTO \"größe\" VALUES ('é:y');\nCOMMENT ON TABLE \"größe\" IS \$\$ü\$\$;\n-- stele: down\nDROP TABLE \"größe\";\n",
    '007_session.sql' => <<'SQL',
SET search_path = '';
CREATE TEMP TABLE gone (x int);
PREPARE p AS SELECT 1;
SET client_encoding = 'LATIN1';
SET application_name = 'somebody';
SQL
    '008_after.sql' => "CREATE TABLE after (x int DEFAULT length('é'));\nINSERT INTO after DEFAULT VALUES;\n",
    '009_deferred.sql' => <<'SQL',
CREATE TABLE parent (id int PRIMARY KEY);
CREATE TABLE child (id int REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
INSERT INTO child VALUES (1);
INSERT INTO parent VALUES (1);
ALTER TABLE child ADD COLUMN note text;
ALTER TABLE parent ADD COLUMN note text;
SQL
    '010_nothing.sql' => "-- only a comment\n",
);
my $program = program(migrations({%files}));
my ($by_up, $by_psql) = compare('awkward', $program);

my @everything = map { "SELECT * FROM $_" } ('t ORDER BY id', 's', 'v', 'b ORDER BY x', 'log ORDER BY x', '"größe"', 'after', 'child');
sub same_data {
    my ($database, $name) = @_;
    is(psql($database, join(';', @everything)), psql($by_up, join(';', @everything)), "$name: the same data");
    return;
}
same_data($by_psql, 'awkward');

my $script = offline($program, ':');
unlike($script, qr/2020-01-01 10:20:30.*gexec/, 'a plain statement stands as it is');

# However psql is called, and whatever its variables are.
my @variables = map { ('-v', "$_=9; DROP TABLE t") } qw(x y error Y ERROR ROW_COUNT id 2 stele_seq_0 stele_failed);
for (['variables', @variables], ['AUTOCOMMIT off', '-v', 'AUTOCOMMIT=off'], ['single line', '-S'], ['quiet, aligned, counted', '-q', '-A', '-t', '-v', 'FETCH_COUNT=1'],
    ['echoes', '-a', '-b', '-e'], ['rolls back', '-v', 'ON_ERROR_ROLLBACK=on'], ['one transaction', '-1'], ['doesn\'t stop', '-v', 'ON_ERROR_STOP=off']) {
    my ($name, @options) = @{$_};
    my $database = fresh_database();
    my ($exit, $out, $err) = run_script($database, $script, @options);
    is($exit, 0, "psql with $name") or diag($err);
    unlike($out, qr/noise/, "$name: what the statements return isn't printed") unless $name eq 'echoes';
    is(rows_of($database), rows_of($by_up), "$name: the same rows");
    is(pg_dump_schema($database), pg_dump_schema($by_up), "$name: the same schema");
    same_data($database, $name);
}
{
    my ($exit, $out) = run_script(fresh_database(), $script);
    is($out, join('', map { "  $_\n" } sort keys %files), 'it prints a line for each migration');
}

# A database of another encoding.
{
    my $latin = temporary();
    $latin =~ s/.*\//latin/;
    psql('postgres', "CREATE DATABASE $latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
    my $small = program(migrations({'001_e.sql' => "CREATE TABLE e (x text);\nINSERT INTO e VALUES ('é');\n", '002_é.sql' => "INSERT INTO e VALUES ('ü');\n-- stele: down\nDELETE FROM e WHERE x = 'ü';\n"}));
    my ($exit, $out, $err) = run_script($latin, offline($small, ':'));
    is("$exit$err", '0', 'a database in LATIN1');
    is(psql($latin, 'SET client_encoding = UTF8; SELECT length(x), x FROM e ORDER BY x'), "1|é\n1|ü", 'has the letters');
    is((stele($small, $latin, 'audit'))[0], 0, 'and its ledger is fine');
}

# A script that fails stops, and what was before it is in.
{
    my $bad = program(migrations({'001_a.sql' => "CREATE TABLE a (x int);\n", '002_b.sql' => "CREATE TABLE b (x int);\nSELECT 1/0;\n", '003_c.sql' => "CREATE TABLE c (x int);\n"}));
    my $database = fresh_database();
    write_file(my $path = temporary(), offline($bad, ':'));
    for my $try (1, 2) {
        my ($exit, $out, $err) = run('sh', '-c', '"$0" -X -d "$1" <"$2"', postgres('psql'), url($database), $path);
        is($exit, 3, "try $try: exit 3");
        like($err, $try == 1 ? qr/division by zero/ : qr/not where this script begins/, 'why');
        is($out, $try == 1 ? "  001_a.sql\n" : '', 'what is in');
    }
    is(psql($database, "SELECT version FROM stele.ledger; SELECT count(*) FROM pg_class WHERE relname IN ('b', 'c')"), "001\n0", 'the first, and nothing of the others');
    like(online($bad, $database), qr/^--   apply    main 002_b\.sql\n--   apply    main 003_c\.sql\n\\set/m, 'the rest can be planned again');
}

# Somebody else holds the lock.
{
    my $database = fresh_database();
    my ($keys) = $script =~ /NOT there AND.*?pg_try_advisory_xact_lock\((\S+ \S+)\) THEN.*?(?=pg_try)/s;
    my ($own) = $script =~ /IF NOT pg_try_advisory_xact_lock\(([^)]+)\)/;
    my $holder = start(postgres('psql'), '-X', '-d', url($database), '-c', "SELECT pg_advisory_lock($own), pg_sleep(20)");
    my $held = 0;
    for (1 .. 100) {
        last if $held = psql($database, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted");
        select(undef, undef, undef, 0.05);
    }
    my ($exit, $out, $err) = run_script($database, $script);
    is("$held $exit", '1 3', 'refused while another process migrates');
    like($err, qr/stele: another process is migrating this database\nHINT:  nothing was done/, 'it says so');
    psql($database, "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'");
    finish($holder);
    is((run_script($database, $script))[0], 0, 'and then it runs');
}

done_testing();
