#!/usr/bin/perl
# Verify sections and pgTAP files: what passes, what fails, where it says so; and `up --verify`, which takes a
# migration back whose checks fail.

use strict;
use warnings;

use Stele::Ledger;
use Stele::Test;
use Test::More;

my ($exit, $out, $err);

# The outcomes of `verify`: "ok LINE" or "FAILED LINE message".
sub verdicts {
    my ($program, $db, @arguments) = @_;
    ($exit, $out, $err) = stele($program, $db, 'verify', '--json', @arguments);
    return map { ($_->{ok} ? 'ok' : 'FAILED') . " $_->{line}" . ($_->{ok} ? '' : " $_->{message}") } grep { $_->{event} eq 'verdict' } json_lines($out);
}

# ------------------------------------------------------------------- each check

my @checks = (
    # statement, what becomes of it
    ["SELECT true", ''],
    ["SELECT count(*) = 2 FROM a", ''],
    ["SELECT x > 0 FROM a", ''],
    ["SELECT true, true, true", ''],
    ["VALUES (true), (true)", ''],
    ["SELECT false", 'it returned false; a check returns true'],
    ["SELECT NULL::boolean", 'it returned NULL; a check returns true'],
    ["SELECT x > 1 FROM a ORDER BY x", 'it returned false; a check returns true'],
    ["SELECT true, x = 1 FROM a ORDER BY x", 'it returned false; a check returns true'],
    ["SELECT true FROM a WHERE x > 5", 'it returned no row; a check returns true'],
    ["SELECT 1", 'it returned 1; a check returns true'],
    ["SELECT 'not true at all'", 'it returned not true at all; a check returns true'],
    ["SELECT 1 / 0 = 1", 'division by zero [22012]'],
    ["SELECT nonesuch FROM a", 'column "nonesuch" does not exist [42703]'],
    ["CREATE TEMP TABLE of_check AS SELECT 1 AS y", undef],
    ["INSERT INTO a VALUES (7)", undef],
    ["DO \$\$ BEGIN ASSERT (SELECT count(*) FROM a) = 2; END \$\$", undef],
    ["DO \$\$ BEGIN ASSERT false, 'so it is not'; END \$\$", 'so it is not [P0004]'],
    ["SET search_path = nonesuch", undef],
    ["WITH gone AS (DELETE FROM a RETURNING x) SELECT count(*) = 2 FROM gone", ''],
    ["SELECT '\${word}' = \${word}", ''],
);
for my $check (@checks) {
    my ($sql, $message) = @{$check};
    my $program = program(migrations({'stele.conf' => "parameter word literal build so\n",
        '001_a.sql' => "CREATE TABLE a (x int);\nINSERT INTO a VALUES (1), (2);\n-- stele: down\nDROP TABLE a;\n-- stele: verify\n\n$sql;\n"}));
    my $db = fresh_database();
    ($exit, $out, $err) = stele($program, $db, 'up', '--verify');
    if ($message) {
        is($exit, 1, "up --verify: $sql");
        like($err, qr{/001_a\.sql:7:\d+: error: }, 'at its place') or diag($err);
        like($err, qr/\Q${\ ($message =~ s{ \[.*}{}r)}\E/, 'says why');
        like($err, qr/^hint: .*rolled back/m, 'and what became of the migration');
        is(psql($db, q{SELECT to_regclass('a') IS NULL, (SELECT count(*) FROM stele.ledger)}), 't|0', 'which is rolled back');
        ($exit, $out, $err) = stele($program, $db, 'up');
    } else {
        is("$exit$err", '0', "up --verify: $sql");
    }
    is($exit, 0, 'up') or diag($err);
    my @verdicts = verdicts($program, $db);
    is($exit, $message ? 1 : 0, 'verify agrees');
    is("@verdicts", !defined $message ? '' : $message ? "FAILED 7 $message" : 'ok 7', 'as its verdict says');
    is(psql($db, q{SELECT count(*), to_regclass('of_check') IS NULL FROM a}), '2|t', 'nothing is left of the check');
    is((stele($program, $db, 'audit'))[0], 0, 'and the ledger is sound');
}

# ------------------------------------------------------------- many of them, output

my $dir = migrations({
    '001_a.sql' => "CREATE TABLE a (x int);\n-- stele: verify\nSELECT count(*) = 0 FROM a; -- a comment\nSELECT\n  true;\n",
    '002_b.sql' => "CREATE TABLE b (x int);\n",
    '003_c.sql' => "CREATE TABLE c (x int);\n-- stele: verify\nSELECT false AS \"x # y\";\nSELECT 1/0;\nSELECT true;\n",
    '004_d.sql' => "CREATE TABLE d (x int);\n-- stele: verify\nCOPY d FROM stdin;\n1\n\\.\nSELECT count(*) = 1 FROM d;\n",
});
my $program = program($dir);
my $db = fresh_database();
is(join(', ', verdicts($program, $db)), '', 'what is not applied is not verified');
is($exit, 0, 'and that is no failure');
($exit, $out, $err) = stele($program, $db, 'verify', '3');
is($exit, 2, 'to name it is');
like($err, qr/"3" is not applied, so there is nothing to verify/, 'as it says');
is((stele($program, $db, 'verify', '9'))[0], 2, 'nor is there a 9');
is((stele($program, $db, 'up'))[0], 0, 'up without --verify takes no notice');
is(join(', ', verdicts($program, $db)), 'ok 3, ok 4, FAILED 3 it returned false; a check returns true, FAILED 4 division by zero [22012], ok 6', 'all sections are run, each to its first error');
is($exit, 1, 'with exit 1');
is(join(', ', verdicts($program, $db, '001')), 'ok 3, ok 4', 'or one');
is($exit, 0, 'with its own exit');
is(join(', ', verdicts($program, $db, 'main/4')), 'ok 6', 'by any name');
($exit, $out, $err) = stele($program, $db, 'verify', '2');
is("$exit|$out|$err", "0|there is nothing to check: no verify section of what is applied\n|", 'one without a section');
my $where = $dir =~ s{.*/}{}r;
($exit, $out, $err) = stele($program, $db, 'verify');
is($out, <<"TEXT", 'verify, for people');
  ok      $where/001_a.sql:3: SELECT count(*) = 0 FROM a
  ok      $where/001_a.sql:4: SELECT true
  FAILED  $where/003_c.sql:3: SELECT false AS "x * y"
          it returned false; a check returns true
  FAILED  $where/003_c.sql:4: SELECT 1/0
          division by zero [22012]
  ok      $where/004_d.sql:6: SELECT count(*) = 1 FROM d
TEXT
like($err, qr/error: 2 of 5 checks failed\n\z/, 'and the sum');
($exit, $out, $err) = stele($program, $db, 'verify', '1');
like("$exit$out", qr/^0.*^2 checks, all well\n\z/ms, 'when all is well');
($exit, $out, $err) = stele($program, $db, 'verify', '--quiet');
is(scalar(() = $out =~ /ok  /g), 0, 'verify --quiet shows failures only');
($exit, $out, $err) = stele($program, $db, 'verify', '--tap');
is($exit, 1, 'verify --tap');
my $wrapper = temporary();
for my $case (['', 1], ['1', 0]) {
    write_file($wrapper, "#!/bin/sh\nexec '$program' verify --tap $case->[0] --db '" . url($db) . "'\n");
    chmod(0755, $wrapper);
    my ($proven, $report) = run('prove', '--exec', '', $wrapper);
    is(!!$proven, !!$case->[1], "prove agrees with verify --tap $case->[0]");
    unlike($report, qr/Parse errors|No plan/, 'and finds it well-formed') or diag($report);
}
is(psql($db, 'SELECT count(*) FROM d'), '0', 'nothing stays of a COPY in a section');
is((run($program, 'verify', '--tap', '--db', 'host=/nonexistent'))[0], 3, 'no connection');

# A migration that was edited isn't verified by what it says now; rows that a policy hides are an error.
psql('postgres', 'CREATE ROLE narrow LOGIN');
my $hidden = program(migrations({'001_r.sql' => "CREATE TABLE r (x int);\nINSERT INTO r VALUES (1);\nALTER TABLE r ENABLE ROW LEVEL SECURITY;\nALTER TABLE r FORCE ROW LEVEL SECURITY;\n-- stele: verify\nSELECT count(*) = 0 FROM r;\n"}));
my $other = fresh_database();
psql($other, "GRANT CREATE ON DATABASE $other TO narrow; GRANT CREATE ON SCHEMA public TO narrow");
is((run($hidden, 'up', '--db', url($other, 'narrow')))[0], 0, 'up as a lesser role');
($exit, $out, $err) = run($hidden, 'verify', '--db', url($other, 'narrow'));
like("$exit$out", qr/^1.*FAILED.*\n.*row-level security policy for table "r" \[42501\]/s, 'rows that a policy hides are an error, not silence');

# A run parameter that is in force needs not be given.
my $given = program(migrations({'stele.conf' => "parameter n integer run\n", '001_p.sql' => "CREATE TABLE p AS SELECT \${n} AS n;\n-- stele: verify\nSELECT n = \${n} FROM p;\n"}));
$other = fresh_database();
is((stele($given, $other, 'up', '-D', 'n=5', '--verify'))[0], 0, 'a parameter in a section');
is(join(', ', verdicts($given, $other)), 'ok 3', 'is the one in force');
is((stele($given, $other, 'verify', '-D', 'n=6'))[0], 9, 'and no other');

# --------------------------------------------------------------- up --verify

# With several steps only the last is rolled back; what ran outside a transaction stays, with its row.
for my $case (
    ['the last step in a transaction', "CREATE TABLE s (x int);\nCREATE INDEX CONCURRENTLY si ON s (x);\nALTER TABLE s ADD COLUMN y int;\n", '1 step, 2 begin, 2 step', qr/2 of 3 steps of "001_s\.sql" are in; the next up goes on with step 3/, 0],
    ['the last step outside', "CREATE TABLE s (x int);\nCREATE INDEX CONCURRENTLY si ON s (x);\n", '1 step, 2 begin, 2 step', qr/2 of 2 steps of "001_s\.sql" are in; the next up makes the checks again/, 0],
) {
    my ($name, $up, $story, $detail) = @{$case};
    my $steps = program(migrations({'001_s.sql' => "$up-- stele: verify\nSELECT count(*) = 1 FROM s;\n"}));
    $other = fresh_database();
    for my $try (1, 2) {
        ($exit, $out, $err) = stele($steps, $other, 'up', '--verify');
        is($exit, 1, "$name: the check fails, try $try") or diag($out, $err);
        like($err, $detail, "$name: what is left is told");
        is(psql($other, q{SELECT string_agg(step || ' ' || action, ', ' ORDER BY seq) FROM stele.ledger}), $story, "$name: as the ledger has it");
        is((stele($steps, $other, 'audit'))[0], 0, "$name: which is sound");
    }
    psql($other, 'INSERT INTO s VALUES (1)');
    ($exit, $out, $err) = stele($steps, $other, 'up', '--verify');
    is("$exit$err", '0', "$name: when it is right, the next up completes") or diag($out);
    is((stele($steps, $other, 'check'))[0], 0, "$name: and nothing is pending");
    is(psql($other, q{SELECT string_agg(action, ' ' ORDER BY seq) FROM stele.ledger}) =~ s/.* //r, 'apply', "$name: with its row");
}

# Settings of the migration hold in its section, and nothing of the section is left for the next.
my $sets = program(migrations({
    '001_a.sql' => "CREATE SCHEMA s;\nSET search_path = s;\nCREATE TABLE t (x int);\n-- stele: verify\nSELECT current_schema() = 's';\nSELECT count(*) = 0 FROM t;\nCREATE TEMP TABLE left_behind (x int);\nSET search_path = nonesuch;\nPREPARE p AS SELECT 1;\n",
    '002_b.sql' => "CREATE TABLE b AS SELECT current_setting('search_path') AS path, to_regclass('left_behind') IS NULL AS none;\nCOPY b FROM stdin;\nx\tt\n\\.\n-- stele: verify\nSELECT count(*) = 2 FROM b;\n",
    '003_c.sql' => "CREATE TABLE c (x int);\n-- stele: verify\nSELECT true;\n",
}));
$other = fresh_database();
($exit, $out, $err) = stele($sets, $other, 'up', '--verify');
is("$exit$err", '0', 'sections between migrations') or diag($out);
is(psql($other, q{SELECT path || ' ' || none FROM b ORDER BY path}), qq("\$user", public true\nx true), 'leave nothing behind');
is((stele($sets, $other, 'audit'))[0], 0, 'and a sound ledger');

# Those before the failed one stay.
($exit, $out, $err) = stele($program, fresh_database(), 'up', '--verify', '--json');
my @events = json_lines($out);
is_deeply([@{$events[-1]}{qw(status applied pending version)}], [1, 2, 2, '002'], 'up --verify --json: those before stay') or diag(explain($events[-1]));
my ($error) = grep { $_->{event} eq 'error' } @events;
is_deeply([@{$error}{qw(line message detail source)}], [3, 'the check failed: SELECT false AS "x # y"', 'it returned false; a check returns true', 'SELECT false AS "x # y";'], 'and the error has all');
# redo, too.
my $again = program(migrations({'001_a.sql' => "CREATE TABLE a (x int);\n-- stele: down\nDROP TABLE a;\n-- stele: verify\nSELECT count(*) = 0 FROM a;\n"}));
$other = fresh_database();
stele($again, $other, 'up');
is((stele($again, $other, 'redo', '--verify'))[0], 0, 'redo --verify');

# ------------------------------------------------------------------------ pgTAP

SKIP: {
    $other = fresh_database();
    skip('no pgTAP here', 1) if psql($other, q{SELECT count(*) FROM pg_available_extensions WHERE name = 'pgtap'}) eq '0';
    my $tap = program(migrations({
        '001_a.sql' => "CREATE EXTENSION pgtap;\nCREATE TABLE a (x int);\n-- stele: verify\nSELECT plan(3);\nSELECT has_table('a');\nSELECT has_table('nonesuch', 'a table that is not there');\nSELECT is(1, 2, 'one is two');\nSELECT * FROM finish();\nSELECT true;\n",
        '002_b.sql' => "SELECT 1;\n-- stele: verify\nSELECT * FROM no_plan();\nSELECT pass('passed');\nSELECT todo('later', 1);\nSELECT fail('not yet');\nSELECT skip('no reason', 1);\nSELECT * FROM finish();\n",
        '003_c.sql' => "SELECT 1;\n-- stele: verify\nSELECT plan(5);\nSELECT pass('one of five');\n",
        '004_d.sql' => "SELECT 1;\n-- stele: verify\nSELECT unnest(ARRAY['1..2', 'ok 1 - in an array', 'not ok 2 - in an array', '# because']);\n",
    }));
    is((stele($tap, $other, 'up'))[0], 0, 'up');
    my @tests = grep { $_->{event} eq 'verdict' } json_lines((stele($tap, $other, 'verify', '--json'))[1]);
    is(join("\n", map { "$_->{version} " . ($_->{ok} ? 'ok' : 'FAILED') . " $_->{title}" } @tests), <<'TEXT' =~ s/\n\z//r, 'pgTAP in sections');
001 ok Table a should exist
001 FAILED a table that is not there
001 FAILED one is two
001 ok SELECT true
002 ok passed
002 ok not yet # TODO later
002 ok # SKIP no reason
003 ok one of five
003 FAILED the plan
004 ok in an array
004 FAILED in an array
TEXT
    is(join(' ', map { $_->{line} } @tests[0 .. 4]), '5 6 7 9 4', 'each at the line of its statement');
    like($tests[2]{detail}, qr/have: 1\n\s*want: 2/, 'with its diagnostics') or diag(explain(\@tests));
    is($tests[8]{message}, '5 tests were planned, 1 were run', 'a plan that does not add up');
    is($tests[10]{detail}, 'because', 'diagnostics in a row of their own');

    # Files.
    my $folder = temporary(1);
    my $begin = "\\unset ECHO\n\\set QUIET 1\nBEGIN;\n";
    write_file("$folder/good.sql", "${begin}SELECT plan(2);\nSELECT pass('first');\nSELECT ok(true, 'second');\nSELECT * FROM finish();\nROLLBACK;\n");
    write_file("$folder/bad.pg", "SELECT plan(2);\nINSERT INTO a VALUES (1);\nSELECT is((SELECT count(*) FROM a), 2::bigint, 'there are two');\nSELECT pass('and this');\nSELECT * FROM finish();\n");
    write_file("$folder/broken.sql", "SELECT plan(2);\nSELECT pass('\xc3\xa9 before');\n-- \xc3\xa9\nSELECT nonesuch;\n");
    write_file("$folder/empty.sql", "-- nothing\n");
    write_file("$folder/include.sql", "SELECT plan(1);\n\\i good.sql\n");
    write_file("$folder/bail.sql", "SELECT plan(2);\nSELECT 'Bail out!  no reason';\n");
    for my $case (
        ['good.sql', 0, "ok first\nok second"],
        ['bad.pg', 1, "FAILED there are two\nok and this"],
        ['broken.sql', 1, "ok \x{e9} before\nFAILED the plan\nFAILED verify"],
        ['empty.sql', 1, 'FAILED no test was run'],
        ['bail.sql', 1, "FAILED Bail out!  no reason\nFAILED the plan"],
        ['include.sql', 2, ''],
        ['nonesuch.sql', 2, ''],
    ) {
        my ($file, $status, $verdicts) = @{$case};
        ($exit, $out, $err) = stele($tap, $other, 'verify', "$folder/$file", '--json');
        is($exit, $status, "the file $file: exit $status") or diag($out, $err);
        my @of_file = grep { $_->{event} eq 'verdict' } json_lines($out);
        is(join("\n", map { ($_->{ok} ? 'ok' : 'FAILED') . " $_->{title}" } @of_file), $verdicts, 'its tests');
        is(scalar(grep { $_->{file} ne "$folder/$file" } @of_file), 0, 'by its name');
    }
    is(psql($other, 'SELECT count(*) FROM a'), '0', 'nothing of a file stays');
    ($exit, $out, $err) = stele($tap, $other, 'verify', "$folder/broken.sql");
    like($out, qr{^  FAILED  \Q$folder\E/broken\.sql:4: verify\n +column "nonesuch" does not exist \[42703\]}m, 'an error has its line');
    ($exit, $out, $err) = stele($tap, $other, 'verify', "$folder/include.sql");
    like($err, qr/error: line 2 of the script is psql's own: \\i good\.sql\nhint: run this file with psql/, 'a line that cannot be left out is refused');
    ($exit, $out, $err) = stele($tap, $other, 'verify', '2', "$folder/good.sql", "$folder/bad.pg");
    like($err, qr/1 of 7 checks failed/, 'a version and files') or diag($out);
    ($exit, $out, $err) = stele($tap, $other, 'verify', '--tap', "$folder/good.sql", "$folder/bad.pg");
    like($out, qr/^not ok 3 - .*there are two\n# Failed test .*\n(?:# .*\n)*ok 4 - .*\n1\.\.4\n\z/m, 'as TAP');
    is((stele($tap, $other, 'verify', '1', '2'))[0], 2, 'two versions are too many');
    ($exit) = run($tap, 'verify', 'good.sql', '--db', url($other), {cwd => $folder});
    is($exit, 0, 'a file without a slash');
}

done_testing();
