#!/usr/bin/perl
# What a directive expects of a statement holds, or its migration is rolled back: in every kind of statement, on the way back too, by
# the ledger's script, and in a script for psql.

use strict;
use warnings;

use Stele::Ledger;
use Stele::Offline;
use Stele::Test;
use Test::More;

my ($exit, $out, $err);
my $table = "CREATE TABLE a (x int, t text);\n";

# A program of the migrations given, from 001 on.
sub made {
    my $n = 0;
    return program(migrations({'stele.conf' => "parameter schema identifier run public\nparameter word literal run it's\n",
        map { (sprintf('%03d_m.sql', ++$n) => $_) } @_}));
}

# Runs the migrations in a new database: by up, or by psql, with a script planned with or without a connection. What was said.
sub run_by {
    my ($how, $program, @options) = @_;
    my $database = fresh_database();
    return (stele($program, $database, 'up', @options), $database) if $how eq 'up';
    my $script = $how eq 'offline' ? offline($program, ':', @options) : online($program, $database, @options);
    return (run_script($database, $script), $database);
}

my @ways = qw(up offline online);

# Expectations that are met, and the same that aren't, with the message.
my @cases = (
    ['INSERT', "-- stele: expect rows = %d\nINSERT INTO a VALUES (1), (2);\n", 2, 3, '"insert" affected 2 rows, expected = 3'],
    ['UPDATE', "INSERT INTO a VALUES (1);\n-- stele: expect rows <= %d\nUPDATE a SET x = 2;\n", 1, 0, '"update" affected 1 row, expected <= 0'],
    ['DELETE', "INSERT INTO a VALUES (1);\n-- stele: expect rows > %d\nDELETE FROM a;\n", 0, 1, '"delete" affected 1 row, expected > 1'],
    ['COPY', "-- stele: expect rows < %d\nCOPY a FROM stdin;\n1\tx\n2\ty\n\\.\n", 3, 2, '"copy" affected 2 rows, expected < 2'],
    ['COPY FROM a program', "-- stele: expect rows = %d\nCOPY a (x) FROM PROGRAM 'printf 5';\n", 1, 2, '"copy" affected 1 row, expected = 2'],
    ['SELECT', "-- stele: expect rows <> %d\nSELECT generate_series(1, 300);\n", 1, 300, '"select" returned 300 rows, expected <> 300'],
    ['SELECT INTO', "-- stele: expect rows = %d\nSELECT 1 AS x INTO b;\n", 1, 0, '"select into" affected 1 row, expected = 0'],
    ['CREATE TABLE AS', "-- stele: expect rows = %d\nCREATE TABLE b AS SELECT 1 AS x;\n", 1, 0, '"create table as" affected 1 row, expected = 0'],
    ['WITH', "-- stele: expect rows >= %d\nWITH v AS (SELECT 1 AS x) INSERT INTO a SELECT x FROM v;\n", 1, 2, '"insert" affected 1 row, expected >= 2'],
    ['a statement that psql has to be given in another way', "INSERT INTO a VALUES (1, '\\');\n-- stele: expect rows = %d\nUPDATE a SET x = 2 WHERE t = '\\';\n", 1, 2,
        '"update" affected 1 row, expected = 2'],
    ['an unparsed one', "-- stele: expect rows = %d\n-- stele: unparsed\nINSERT INTO a VALUES (1);\n", 1, 2, '"statement" affected 1 row, expected = 2'],
    ['two of one statement', "-- stele: expect rows >= 1\n-- stele: expect rows <= %d\nINSERT INTO a VALUES (1), (2), (3);\n", 3, 2, '"insert" affected 3 rows, expected <= 2'],
    ['the query', "INSERT INTO a VALUES (1, ')'), (2, 'it''s');\n-- stele: expect rows = (SELECT count(*) - %d FROM \${schema}.a WHERE t IN (')', \${word}))\nUPDATE a SET t = NULL WHERE t = \${word};\n",
        1, 0, '"update" affected 1 row, expected = 2'],
    ['a query with a slice in it', "-- stele: expect rows = (SELECT cardinality((ARRAY[7, 8, 9])[2:%d]))\nINSERT INTO a VALUES (1);\n", 2, 3, '"insert" affected 1 row, expected = 2'],
);
# What is met, one behind the other; what isn't, each by itself.
my $drop = "DROP TABLE a;\nDROP TABLE IF EXISTS b;\n";
my $met = made(map { my ($name, $sql, $number) = @{$_}; "-- $name\n$table" . sprintf($sql, $number) . $drop } @cases);
for my $way (@ways) {
    ($exit, $out, $err) = run_by($way, $met);
    is("$exit|$err", '0|', "$way: all is as expected");
}
for my $case (@cases) {
    my ($name, $sql, undef, $number, $message) = @{$case};
    my $unmet = made($table . sprintf($sql, $number));
    for my $way (qw(up offline)) {
        my $database;
        ($exit, $out, $err, $database) = run_by($way, $unmet);
        is($exit, $way eq 'up' ? 1 : 3, "$name, $way: unmet");
        like($err, qr/001_m\.sql:\d+:11: (?:error: )?\Q$message\E$/m, 'the message says which, and how many');
        is(psql($database, q{SELECT to_regclass('a') IS NULL AND to_regclass('b') IS NULL}), 't', 'and it is rolled back');
    }
}

# The whole message, and what is applied before it stays.
my $program = made($table, "INSERT INTO a VALUES (1);\n\n  -- stele: expect rows >= 1\nUPDATE a\n   SET x = 2 WHERE x = 7;\nDROP TABLE a;\n", "CREATE TABLE c ();\n");
my $db;
($exit, $out, $err, $db) = run_by('up', $program);
like($err, qr{^\S+/002_m\.sql:3:13: error: "update" affected 0 rows, expected >= 1
    3 \|   -- stele: expect rows >= 1
      \|             \^
detail: the statement is at line 4
hint: where the table may be empty, end the directive with: if table not empty
}, 'an unmet expectation is reported at the directive');
is(psql($db, q{SELECT string_agg(version || action, ' ' ORDER BY seq) FROM stele.ledger}), '001apply', 'the migration before it is in, the ones behind it are not');
is(psql($db, 'SELECT count(*) FROM a'), 0, 'and of its own nothing is');
my ($event) = grep { $_->{event} eq 'error' } json_lines((stele($program, $db, 'up', '--json'))[1]);
is_deeply([@{$event}{qw(status line column sqlstate)}], [1, 3, 13, ''], 'as JSON');
($exit, $out, $err) = stele($program, $db, 'plan');
like($out, qr/^ +3  expect rows >= 1\n +4  UPDATE a SET x = 2/m, 'plan shows it');
($event) = grep { ($_->{sql} // '') =~ /^UPDATE/ } json_lines((stele($program, $db, 'plan', '--json'))[1]);
is_deeply($event->{expect}, ['expect rows >= 1'], 'and as JSON');

# if table not empty
for my $way (qw(up offline)) {
    for my $case (
        ['an empty table', "UPDATE a SET x = 1;\n", 0],
        ['a table with rows', "UPDATE a SET x = 1;\n", 1, 'INSERT INTO a VALUES (1);'],
        ['rows that the statement misses', "UPDATE a SET x = 1 WHERE x = 2;\n", undef, 'INSERT INTO a VALUES (1);'],
        ['rows of its children only, with ONLY', "UPDATE ONLY a SET x = 1;\n", 0, 'CREATE TABLE child () INHERITS (a); INSERT INTO child VALUES (1);'],
        ['rows of its children only', "UPDATE a SET x = 1 WHERE x = 2;\n", undef, 'CREATE TABLE child () INHERITS (a); INSERT INTO child VALUES (1);'],
        ['a table by a parameter', "UPDATE \${schema} . \"a\" SET x = 1;\n", 0],
        ['an empty table that is filled', "INSERT INTO a VALUES (1);\n", 0],
    ) {
        my ($name, $sql, $rows, $before) = @{$case};
        my ($code, $text, $complaint) = run_by($way, made($table . ($before // ''), "-- stele: expect rows = 1 if table not empty\n$sql", "-- stele: expect rows >= 0\nSELECT 1;\n"));
        is($code, defined $rows ? 0 : $way eq 'up' ? 1 : 3, "$way, if table not empty: $name") or diag($complaint);
    }
}

# What a query may give.
for my $way (qw(up offline)) {
    for my $case (
        ['SELECT NULL::int', qr/002_m\.sql:1:11: .*the query that tells how many rows to expect gave no number/],
        ["SELECT '1.0'", qr/002_m\.sql:1:11: .*the query that tells how many rows to expect gave no number/],
        ['SELECT generate_series(1, 2)', $way eq 'up' ? qr/gave no number\n/ : qr/more than one row/],
        ['SELECT 1 WHERE false', qr/gave no number/],
        ['SELECT nonesuch FROM a', $way eq 'up' ? qr{002_m\.sql:1:33: error: column "nonesuch" does not exist \[42703\]\n    1 \| -- stele: expect rows = \(SELECT nonesuch} : qr/column "nonesuch" does not exist/],
    ) {
        my ($query, $complaint) = @{$case};
        ($exit, $out, $err) = run_by($way, made($table, "-- stele: expect rows = ($query)\nINSERT INTO a VALUES (1);\n"));
        is($exit, $way eq 'up' ? 1 : 3, "$way: $query");
        like($err, $complaint, 'is refused');
    }
    ($exit, $out, $err) = run_by($way, made($table, "-- stele: expect rows = (SELECT sum(x) FROM (VALUES (1), (2)) AS v (x))\nINSERT INTO a VALUES (1), (2), (3);\n"));
    is($exit, 0, "$way: a sum is a number") or diag($err);
}

# A value that would end the directive's line.
($exit, $out, $err) = stele(made($table, "-- stele: expect rows = (SELECT length(\${word}))\nINSERT INTO a VALUES (1), (2), (3);\n"), fresh_database(), 'up', '-D', "word=a\nb");
is($exit, 9, 'a value with a line end');
like($err, qr/002_m\.sql:1:40: error: the value of parameter "word" has a line end in it, and can't stand in a directive/, 'is refused');

# It is a part of the text: what it says is sealed as tokens, and white space around its words is not.
sub tokens {
    my $dir = migrations({'001_m.sql' => $_[0]});
    program($dir);
    my ($tokens) = read_file("$dir/stele.lock") =~ /(t1:\w+)/;
    return $tokens;
}
my $sealed = tokens("-- stele: expect rows = (SELECT 'a b')\nSELECT 1;\n");
is(tokens("--   stele:expect   rows =(SELECT 'a b')  \nSELECT 1;\n"), $sealed, 'blanks between the words are not tokens');
isnt(tokens("-- stele: expect rows = (SELECT 'a  b')\nSELECT 1;\n"), $sealed, 'those in a query are');
isnt(tokens("-- stele: expect rows >= (SELECT 'a b')\nSELECT 1;\n"), $sealed, 'and the comparison is');

# A seed.
for my $way (qw(up offline)) {
    my $seeds = migrations({'001_a.sql' => "CREATE TABLE a (x int PRIMARY KEY);\nINSERT INTO a VALUES (1);\n",
        'R_seed.sql' => "-- stele: expect rows = 2\nINSERT INTO a VALUES (1), (2) ON CONFLICT DO NOTHING;\n"});
    ($exit, $out, $err) = run_by($way, program($seeds));
    like($err, qr/R_seed\.sql:1:11: .*"insert" affected 1 row, expected = 2/, "$way: in a repeatable migration");
}

# Where psql can't count.
($exit, $out, $err) = run(made($table, "-- stele: expect rows = 1\nSELECT '\\' AS x INTO b;\n"), 'plan', '--sql', ':');
is("$exit|$out", '9|', 'a statement that neither psql nor a block on the server can count is not put into a script');
like($err, qr{/002_m\.sql:2:1: error: psql can't tell how many rows this statement affects\n.*^hint: write strings}ms, 'and why');

# ------------------------------------------------------------- several steps

my $steps = made($table . "INSERT INTO a VALUES (1), (2);\n", <<'SQL');
BEGIN;
-- stele: expect rows = 2
UPDATE a SET x = 3;
COMMIT;
CREATE INDEX CONCURRENTLY a_x ON a (x);
BEGIN;
UPDATE a SET t = 'here';
-- stele: expect rows = (SELECT count(*) FROM a) if table not empty
DELETE FROM a WHERE x = 4;
COMMIT;
-- stele: expect rows = 0
SELECT 1 WHERE false;
SQL
for my $way (@ways) {
    ($exit, $out, $err, $db) = run_by($way, $steps);
    is($exit, $way eq 'up' ? 1 : 3, "$way: the third of four steps is not as expected");
    like($err, qr/002_m\.sql:8:11: .*"delete" affected 0 rows, expected = 2/, 'it says which');
    is(psql($db, q{SELECT string_agg(version || action || coalesce(step::text, ''), ' ' ORDER BY seq) FROM stele.ledger}), '001apply 002step1 002begin2 002step2',
        'the two before it are recorded');
    is(psql($db, q{SELECT count(*) FROM a WHERE t = 'here'}), '0', 'its own is rolled back');
    is(psql($db, q{SELECT count(*) FROM a WHERE x = 3}), '2', 'the first one is not');
    psql($db, 'UPDATE a SET x = 4');
    ($exit, $out, $err) = $way eq 'up' ? stele($steps, $db, 'up') : run_script($db, online($steps, $db));
    is($exit, 0, 'when the rows are there it goes on') or diag($err);
    is((stele($steps, $db, 'check'))[0], 0, 'to the end');
    is((stele($steps, $db, 'audit'))[0], 0, 'with a sound ledger');
}
($exit, $out, $err) = run_by('up', $steps);
like($err, qr/^detail: the statement is at line 9; the number is what the query gave directly before it\n.*2 of 4 steps of "002_m\.sql" are in; the next up goes on with step 3/m, 'the whole detail');

# ---------------------------------------------------------------- the way back

my $back = <<'SQL';
CREATE TABLE b (x int, t text);
INSERT INTO b VALUES (1, 'x');
-- stele: down
-- stele: expect rows >= 1 if table not empty
UPDATE ${schema}."b" SET x = 2 WHERE x = 1;
-- stele: expect rows = (SELECT count(*) FROM "${schema}".b WHERE t <> ${word} OR t = '"\')
-- stele: expect rows <> 7
UPDATE b SET t = 'back' WHERE x = 2;
-- stele: expect rows = 1
COPY b FROM stdin;
5	-- stele: expect
\.
CREATE INDEX CONCURRENTLY ON b (x);
-- stele: expect rows <= 2
UPDATE ONLY b SET x = 0;
DROP TABLE b;
SQL
my $old = made($table);
my $new = made($table, $back);
($exit, $out, $err, $db) = run_by('up', $new);
is(psql($db, q{SELECT down FROM stele.ledger WHERE version = '002'}) . "\n", <<'SQL', 'the ledger keeps the expectations of the down section, with values in place');
-- stele: script 2
-- stele: loses table "\"b\""
-- stele: expect 0 "update" >= rows 1 table 7 12 unless-empty
-- stele: expect 1 "update" = query 62 table 7 1
-- stele: expect 1 "update" <> rows 7 table 7 1
-- stele: expect 2 "copy" = rows 1 table 5 1
-- stele: expect 4 "update" <= rows 2 only 12 1
-- stele: transaction 41 35 17copy+19
-- stele: alone index "\"b\"" 34
-- stele: transaction 23 12
-- stele: expect rows >= 1 if table not empty
UPDATE "public"."b" SET x = 2 WHERE x = 1;
-- stele: expect rows = (SELECT count(*) FROM "public".b WHERE t <> 'it''s' OR t = '"\')
-- stele: expect rows <> 7
UPDATE b SET t = 'back' WHERE x = 2;
-- stele: expect rows = 1
COPY b FROM stdin;
5	-- stele: expect
\.
CREATE INDEX CONCURRENTLY ON b (x);
-- stele: expect rows <= 2
UPDATE ONLY b SET x = 0;
DROP TABLE b;

SQL

# Takes 002 back in a database where it is applied, after `change`: (exit, stderr, database).
sub back_by {
    my ($how, $change) = @_;
    my $database = fresh_database();
    stele($new, $database, 'up');
    psql($database, $change);
    my @result = $how eq 'down' ? stele($new, $database, 'down', '--allow-destructive')
               : $how eq 'redo' ? stele($new, $database, 'redo', '--allow-destructive')
               : $how eq 'ledger' ? stele($old, $database, 'down', '--from-ledger', '--allow-destructive')
               : $how eq 'offline' ? run_script($database, offline($new, '--down', '002:001'))
               : $how eq 'online' ? run_script($database, online($new, $database, '--down'))
               : run_script($database, online($old, $database, '--down', '--from-ledger'));
    return ($result[0], $result[2], $database);
}

for my $how (qw(down redo ledger offline online script-of-ledger)) {
    my $failed = $how =~ /line|script/ ? 3 : 1;
    my $file = $how =~ /ledger/ ? qr{ledger/002_m\.sql} : qr{\w+/002_m\.sql};
    ($exit, $err, $db) = back_by($how, 'SELECT 1');
    is("$exit|$err", '0|', "$how: all is as expected");
    is((stele($how eq 'redo' ? $new : $old, $db, 'check'))[0], 0, 'and the database where it should be');
    is((stele($new, $db, 'audit'))[0], 0, 'with a sound ledger');
    ($exit, $err, $db) = back_by($how, 'DELETE FROM b');
    is($exit, 0, "$how: an empty table is not judged") or diag($err);
    ($exit, $err, $db) = back_by($how, 'UPDATE b SET x = 7');
    is($exit, $failed, "$how: rows that the first statement misses");
    like($err, qr/$file:\d+:11: .*"update" affected 0 rows, expected >= 1/, 'it says so');
    is(psql($db, 'SELECT x, t FROM b'), '7|x', 'and nothing is done');
    ($exit, $err, $db) = back_by($how, q{INSERT INTO b VALUES (7, 'y')});
    is($exit, $failed, "$how: another number than the query's");
    like($err, qr/$file:\d+:11: .*"update" affected 1 row, expected = 2/, 'it says so, too');
    ($exit, $err, $db) = back_by($how, q{INSERT INTO b VALUES (1, 'y')});
    is($exit, $failed, "$how: too many in a later step");
    like($err, qr/$file:\d+:11: .*"update" affected 3 rows, expected <= 2/, 'it says which');
    is(psql($db, q{SELECT string_agg(action || coalesce(step::text, ''), ' ' ORDER BY seq) FROM stele.ledger WHERE seq > 2}), 'down-step1 down-begin2 down-step2', 'and keeps the steps before');
}

# ---------------------------------------------------------- row level security

psql('postgres', 'CREATE ROLE owner LOGIN; CREATE ROLE other LOGIN; GRANT owner TO other') ;
psql('postgres', 'REVOKE owner FROM other');
my $hidden = "SET row_security = on;\n-- stele: expect rows >= 1\nUPDATE s.a SET x = 2;\n";
my $secured = made($hidden);
for my $case (
    ['owner', 'ENABLE', 0], ['owner', 'FORCE', 1, qr/row level security hides rows of s\.a, also from its owner: FORCE is on; migrate as a role with BYPASSRLS/],
    ['other', 'ENABLE', 1, qr/row level security hides rows of s\.a from this role: migrate as the table's owner/],
) {
    my ($role, $word, $fails, $hint) = @{$case};
    for my $way (qw(up offline)) {
        my $database = fresh_database();
        psql($database, "CREATE SCHEMA s AUTHORIZATION owner; SET ROLE owner; CREATE TABLE s.a (x int); INSERT INTO s.a VALUES (1);
            GRANT USAGE ON SCHEMA s TO other; GRANT ALL ON s.a TO other; CREATE POLICY p ON s.a USING (x = 99);
            ALTER TABLE s.a ENABLE ROW LEVEL SECURITY; ALTER TABLE s.a $word ROW LEVEL SECURITY; RESET ROLE; GRANT CREATE ON DATABASE $database TO $role");
        if ($way eq 'up') {
            ($exit, $out, $err) = run($secured, 'up', '--db', url($database, $role));
        } else {
            write_file(my $path = temporary(), offline($secured, ':'));
            ($exit, $out, $err) = run(postgres('psql'), '-X', '-d', url($database, $role), '-f', $path);
        }
        is($exit, $fails ? $way eq 'up' ? 1 : 3 : 0, "$way as $role, $word ROW LEVEL SECURITY");
        like($err, qr/"update" affected 0 rows, expected >= 1\n.*$hint/s, 'the hint names it') if $fails;
        is(psql($database, 'SELECT x FROM s.a'), $fails ? 1 : 2, 'the row');
    }
}
# Where the migration doesn't switch it on, stele's transactions make an error of hidden rows, as before; the look is no way around it.
{
    my $plain = made("-- stele: expect rows >= 1 if table not empty\nUPDATE s.a SET x = 2;\n");
    my $database = fresh_database();
    psql($database, "CREATE SCHEMA s AUTHORIZATION owner; SET ROLE owner; CREATE TABLE s.a (x int); CREATE POLICY p ON s.a USING (false);
        ALTER TABLE s.a ENABLE ROW LEVEL SECURITY; ALTER TABLE s.a FORCE ROW LEVEL SECURITY; RESET ROLE; GRANT CREATE ON DATABASE $database TO owner");
    ($exit, $out, $err) = run($plain, 'up', '--db', url($database, 'owner'));
    is($exit, 1, 'row_security is off: hidden rows are an error');
    like($err, qr/001_m\.sql:1:11: error: query would be affected by row-level security policy for table "a" \[42501\]/, 'of the look at the table, where the directive is');
}

# ------------------------------------------------------- a caller's connection

my $folder = migrations({'001_a.sql' => $table, '002_b.sql' => "SET search_path = '';\n-- stele: expect rows = (SELECT count(*) FROM public.a) if table not empty\nUPDATE public.a SET x = 1 WHERE x = 0;\n",
    '003_c.sql' => "CREATE TABLE c ();\n"});
my $caller = application('caller', $folder);
$db = fresh_database();
($exit, $out, $err) = run($caller, url($db), 'up:001', 'sql:INSERT INTO a VALUES (5)', 'up', 'sql:SHOW search_path', 'sql:SELECT count(*) FROM a', 'sql:UPDATE a SET x = 0', 'up', 'check');
like($out, qr/"update" affected 0 rows, expected = 1/, q{on the caller's connection it fails}) or diag($err);
like($out, qr/^sql "\$user", public$/m, 'which is given back as it was');
is(psql($db, 'SELECT x FROM a'), 1, 'and then goes on');
is(psql($db, q{SELECT to_regclass('c') IS NOT NULL}), 't', 'to the end');

done_testing();
