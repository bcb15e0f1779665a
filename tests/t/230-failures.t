#!/usr/bin/perl
# A migration that fails: what came before it is in, it left no trace, and the message
# points at the place in the file.

use strict;
use warnings;
use utf8;

use Encode qw(encode_utf8 decode_utf8);
use Stele::Ledger;
use Stele::Test;
use Test::More;

binmode(Test::More->builder->$_, ':utf8') for qw(output failure_output todo_output);

# The 30th of 40, in its middle.
my %forty = map { sprintf('%03d_m.sql', $_) => "CREATE TABLE m$_ (x int);\n" } 1 .. 40;
$forty{'030_m.sql'} = "CREATE TABLE m30 (x int);\n\nINSERT INTO m30 VALUES (1);\n  SELECT nothing FROM m30;\nCREATE TABLE m30b (x int);\n";
my $dir = migrations({%forty});
my $db = fresh_database();
my ($exit, $out, $err) = stele(program($dir), $db, 'up');
is($exit, 1, 'a failing statement in the 30th of 40');
like($err, qr{\A[^\n]*/030_m\.sql:4:10: error: column "nothing" does not exist \[42703\]\n    4 \|   SELECT nothing FROM m30;\n      \|          \^\n},
    'file, line, column, SQLSTATE, the line and a caret');
like($err, qr/29 migrations were applied before that, and stay\nhead r1:[0-9a-f]{64}\n\z/, 'and how many are in, with the head');
is(psql($db, 'SELECT count(*), max(seq), max(version) FROM stele.ledger'), '29|29|029', '29 are recorded');
is(psql($db, q{SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relname ~ '^m\d'}), '29', '29 are in, the 30th left no trace');
($exit, $out, $err) = stele(program($dir), $db, 'audit');
is($exit, 0, 'the ledger is sound');
($exit, $out, $err) = stele(program($dir), $db, 'up');
is($exit, 1, 'the next up fails at the same place');
is(psql($db, 'SELECT count(*) FROM stele.ledger'), '29', 'and changes nothing');
migrations({'030_m.sql' => "CREATE TABLE m30 (x int);\n", 'stele.lock' => undef}, $dir);
($exit, $out, $err) = stele(program($dir), $db, 'up');
is($exit, 0, 'the file that never went in may be mended') or diag($err);
is(psql($db, 'SELECT count(*), max(seq) FROM stele.ledger'), '40|40', 'and all 40 are in');

# Each case: a file, and how the message begins. ^ marks the place in the text.
sub place {
    my ($marked) = @_;
    my ($before) = $marked =~ /^(.*?)\^/s or die "no mark in: $marked\n";
    my $line = 1 + ($before =~ tr/\n//);
    my ($start) = $before =~ /([^\n]*)\z/;
    (my $text = $marked) =~ s/\^//;
    my $source = (split(/\n/, $text, -1))[$line - 1];
    (my $blank = $start) =~ s/[^\t]/ /g;
    return ($text, "$line:" . (1 + length $start), sprintf("%5u | %s\n      | %s^\n", $line, $source, $blank));
}

my $conf = "parameter n integer run 7\nparameter long literal run\nparameter id identifier run\nparameter raw raw run\n";
my @given = map { ('-D', $_) } 'long=' . ('é' x 40), 'id=a', 'raw=1';
my @cases = (
    ['at the first byte', "^DROP TABLE nothing;\n", '42P01'],
    ['behind multi-byte characters', "SELECT 'äöü€😀' AS \"日本\", ^x;\n", '42703'],
    ['on a line behind such', "-- äöü😀\nSELECT 'é',\n  '€€', ^x;\n", '42703'],
    ['behind a tab', "SELECT\t1,\t^x;\n", '42703'],
    ['behind a comment', "SELECT /* é /* nested */ */ 1, -- 😀\n  ^x;\n", '42703'],
    ['behind a parameter longer than its reference', "SELECT \${long}, ^x;\n", '42703'],
    ['behind one that is shorter', "SELECT \${n}, ^x;\n", '42703'],
    ['behind several on a line', "SELECT \${n}, \${long}, '\${long}', \${n}, 'é', ^x, \${n};\n", '42703'],
    ['behind several on lines', "SELECT \${n},\n\${long},\n  '\${long}', ^x;\n", '42703'],
    ['between two', "SELECT \${long}, ^x, \${long};\n", '42703'],
    ['at a parameter', "SELECT 1, ^\${id};\n", '42703'],
    ['behind a raw parameter', "SELECT \${raw}, ^x;\n", '42703'],
    ['in the second statement', "CREATE TABLE t (x int);\nSELECT ^y FROM t;\n", '42703'],
    ['without a final semicolon', "SELECT 1;\nSELECT ^y", '42703'],
    ['at a statement when the server names no place', "CREATE TABLE t (x int);\n\n  ^INSERT INTO t VALUES (1/0);\n", '22012'],
    ['at a duplicate', "SELECT 1;\n^CREATE TABLE pg_catalog.pg_class (x int);\n", undef],
    ['in a line of COPY', "CREATE TABLE t (x int, y text);\nCOPY t FROM stdin;\n1\ta\n^zwei\tb\n3\tc\n\\.\n", '22P02'],
    ['in a later field of COPY', "CREATE TABLE t (y text, x int);\nCOPY t FROM stdin;\näöü\t1\nb😀\t^zwei\n\\.\nSELECT 1;\n", '22P02'],
    ['in the last line of a COPY', "CREATE TABLE t (x int, y text);\nCOPY t FROM stdin;\n1\ta\n^2\n\\.\n", '22P04'],
    ['at too many columns', "CREATE TABLE t (x int);\nCOPY t FROM stdin;\n1\n2\n^3\t4\n\\.\n", '22P04'],
    ['at a COPY that can not begin', "CREATE TABLE t (x int);\n^COPY t (x, y) FROM stdin;\n\\.\n", '42703'],
    ['at a COPY into nothing', "^COPY nothing FROM stdin;\n1\n\\.\n", '42P01'],
    ['at a duplicate key in COPY', "CREATE TABLE t (x int PRIMARY KEY);\nCOPY t FROM stdin;\n1\n^1\n\\.\n", '23505'],
    ['behind a COPY', "CREATE TABLE t (x int);\nCOPY t FROM stdin;\n1\n\\.\nSELECT ^y FROM t;\n", '42703'],
    ['at the commit', "CREATE TABLE t (x int UNIQUE DEFERRABLE INITIALLY DEFERRED);\nINSERT INTO t VALUES (1);\n^INSERT INTO t VALUES (1);\n", '23505'],
    ['at the commit of a COPY', "CREATE TABLE t (x int UNIQUE DEFERRABLE INITIALLY DEFERRED);\n^COPY t FROM stdin;\n1\n1\n\\.\n", '23505'],
    ['in a DO block', "SELECT 1;\n^DO \$\$\nBEGIN\n  PERFORM 1/0;\nEND \$\$;\n", '22012'],
    ['in a function', "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1/0; END';\n^SELECT f();\n", '22012'],
    ['in the text of a function', "SELECT 'é';\nCREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS '\nBEGIN\n  ^RETURNN 1;\nEND';\n", '42601'],
    ['before down and verify', "CREATE TABLE t (x int);\n^INSERT INTO t VALUES (1/0);\n-- stele: down\nDROP TABLE t;\n-- stele: verify\nSELECT true;\n", '22012'],
);
for my $case (@cases) {
    my ($name, $marked, $sqlstate) = @{$case};
    my ($text, $place, $shown) = place($marked);
    my $case_dir = migrations({'001_fine.sql' => "CREATE TABLE fine (x int);\n", '002_bad.sql' => encode_utf8($text), 'stele.conf' => $conf,
        '003_later.sql' => "CREATE TABLE later (x int);\n"});
    my $database = fresh_database();
    ($exit, $out, $err) = map { decode_utf8($_) } stele(program($case_dir), $database, 'up', map { encode_utf8($_) } @given);
    is($exit, 1, "$name: exit 1");
    $sqlstate //= '\w{5}';
    like($err, qr{\A[^\n]*/002_bad\.sql:$place: error: [^\n]+ \[$sqlstate\]\n\Q$shown\E}, "$name: $place");
    is(psql($database, q{SELECT count(*), to_regclass('t') IS NULL, to_regclass('later') IS NULL FROM stele.ledger}), '1|t|t', "$name: no trace");
    psql('postgres', "DROP DATABASE $database");
}

sub fails {
    my ($file, @more) = @_;
    my $database = fresh_database();
    my @result = stele(program(migrations({'001_bad.sql' => $file})), $database, 'up', @more);
    return ($database, @result);
}
($db, $exit, $out, $err) = fails("CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1/0; END';\nSELECT f();\n");
like($err, qr/^context: (?:PL\/pgSQL|SQL) expression "1\/0"\n         PL\/pgSQL function f\(\) line 1 at RETURN$/m, 'the context is shown');
($db, $exit, $out, $err) = fails("DO \$\$ BEGIN RAISE EXCEPTION 'no' USING DETAIL = 'because', HINT = 'do this', ERRCODE = 'XX123'; END \$\$;\n");
like($err, qr/001_bad\.sql:1:1: error: no \[XX123\]\n.*^detail: because\nhint: do this\ncontext: /ms, "the server's detail and hint too");
($db, $exit, $out, $err) = fails("CREATE TABLE t (x int UNIQUE DEFERRABLE INITIALLY DEFERRED);\nINSERT INTO t VALUES (1), (1);\n");
like($err, qr/^hint: this came at the commit/m, 'what comes at the commit says so');
($db, $exit, $out, $err) = fails("CREATE TABLE t (x int);\nCOPY t FROM stdin;\nx\n\\.\n");
like($err, qr/^context: COPY t, line 1, column x: "x"$/m, 'the context of a COPY is shown');

# Large ones: more statements than may be in flight, answers that fill every buffer, long texts, much data.
{
    my $big = "SELECT repeat('x', 100000);\n" x 300 . "INSERT INTO t VALUES ('" . ('x' x 3_000_000) . "');\n";
    my $rows = join('', map { "$_\t" . ('y' x 50) . "\n" } 1 .. 20_000);
    my $large = migrations({'001_t.sql' => "CREATE TABLE t (x text);\n$big", '002_copy.sql' => "CREATE TABLE c (x int, y text);\nCOPY c FROM stdin;\n$rows\\.\n"});
    my $database = fresh_database();
    ($exit, $out, $err) = stele(program($large), $database, 'up');
    is($exit, 0, 'large migrations') or diag(substr($err, 0, 500));
    is(psql($database, 'SELECT (SELECT sum(length(x)) FROM t), (SELECT count(*) FROM c)'), '3000000|20000', 'are in whole');
    (my $bad = $rows) =~ s/^7\t/sieben\t/m;
    for my $case (
        ['the 302nd of many statements', "CREATE TABLE t (x text);\n${big}SELECT nothing;\n$big", '303:8', '42703', 'SELECT nothing;'],
        ['an early line of much data', "CREATE TABLE c (x int, y text);\nCOPY c FROM stdin;\n$bad\\.\nSELECT 1;\n", '9:1', '22P02', "sieben\t" . ('y' x 50)],
        ['the last of much data', "CREATE TABLE c (x int, y text);\nCOPY c FROM stdin;\n${rows}x\ty\n\\.\n", '20003:1', '22P02', "x\ty"],
    ) {
        my ($name, $text, $place, $sqlstate, $source) = @{$case};
        ($exit, $out, $err) = stele(program(migrations({'001_x.sql' => $text})), fresh_database(), 'up');
        like($err, qr{/001_x\.sql:$place: error: .* \[$sqlstate\]\n *\d+ \| \Q$source\E\n}, "$name: $place") or diag(substr($err, 0, 500));
    }
}

# --json has the same in fields.
($db, $exit, $out, $err) = fails("SELECT 1,\n  x;\n", '--json');
my ($error) = grep { $_->{event} eq 'error' } json_lines($out);
is_deeply([@{$error}{qw(status sqlstate line column source message)}], [1, '42703', 2, 3, '  x;', 'column "x" does not exist'], 'as JSON');
like($error->{file}, qr{/001_bad\.sql$}, 'with its file');
is($err, '', 'and nothing on stderr');

# Steps: those before the failed one stay, and the next up goes on there.
my $steps = program(migrations({'001_steps.sql' => <<'SQL', '002_next.sql' => "CREATE TABLE next (x int);\n"}));
CREATE TABLE s (x int);
INSERT INTO s VALUES (1), (1);
CREATE UNIQUE INDEX CONCURRENTLY s_x ON s (x);
INSERT INTO s VALUES (3);
SQL
$db = fresh_database();
($exit, $out, $err) = stele($steps, $db, 'up');
is($exit, 1, 'a step fails outside a transaction');
like($err, qr{/001_steps\.sql:3:1: error: could not create unique index "s_x" \[23505\]}, 'with its place');
like($err, qr/1 of 3 steps of "001_steps\.sql" are in; the next up goes on with step 2/, 'and what is left');
is(psql($db, q{SELECT string_agg(action || coalesce(step::text, ''), ' ' ORDER BY seq) FROM stele.ledger}), 'step1 begin2 fail2', 'the ledger knows each step');
like(psql($db, q{SELECT reason FROM stele.ledger WHERE action = 'fail'}), qr/could not create unique index/, 'and why one failed');
($exit, $out, $err) = stele($steps, $db, 'status');
like($out, qr/^  interrupted +001_steps\.sql +1 of 3 steps are in$/m, 'status says so');
($exit, $out, $err) = stele($steps, $db, 'check');
is($exit, 5, 'check says that there is work');
($exit, $out, $err) = stele($steps, $db, 'audit');
is($exit, 0, 'audit finds nothing wrong with that') or diag($out);
psql($db, 'DROP INDEX s_x; DELETE FROM s; INSERT INTO s VALUES (1), (2)');
($exit, $out, $err) = stele($steps, $db, 'up');
is($exit, 0, 'the cause mended, up goes on') or diag($err);
is(psql($db, 'SELECT string_agg(x::text, $$ $$ ORDER BY x) FROM s'), '1 2 3', 'with the step that failed, not from the start');
is(psql($db, q{SELECT string_agg(action || coalesce(step::text, ''), ' ' ORDER BY seq) FROM stele.ledger}),
    'step1 begin2 fail2 begin2 step2 step3 apply apply', 'and the ledger tells it all');
($exit, $out, $err) = stele($steps, $db, 'audit');
is($exit, 0, 'which audit can prove') or diag($out);

# A file with transactions of its own: the failed one leaves no trace, those before it are in.
($db, $exit, $out, $err) = fails("BEGIN;\nCREATE TABLE a (x int);\nCOMMIT;\nBEGIN;\nCREATE TABLE b (x int);\nINSERT INTO b VALUES (1/0);\nCOMMIT;\n");
is($exit, 1, 'a failure in the second of two transactions');
like($err, qr{/001_bad\.sql:6:1: error: division by zero}, 'at its place');
is(psql($db, q{SELECT to_regclass('a') IS NOT NULL, to_regclass('b') IS NULL}), 't|t', 'the first is in, the second is not');
like($err, qr/1 of 2 steps/, 'and the message says so');

# Time limits.
my $limits = fresh_database();
psql($limits, 'CREATE TABLE held (x int)');
my $holder = start(postgres('psql'), '-XqAt', '-d', url($limits), '-c', 'BEGIN', '-c', 'LOCK TABLE held', '-c', 'SELECT pg_sleep(600)');
ok(wait_for($limits, q{SELECT count(*) > 0 FROM pg_locks WHERE relation = 'held'::regclass AND granted}), 'somebody holds a table');
my $waits = program(migrations({'001_wait.sql' => "-- stele: lock-timeout 100ms\nCREATE TABLE before (x int);\nALTER TABLE held ADD y int;\n"}));
($exit, $out, $err) = stele($waits, $limits, 'up', '--lock-retry', '0');
is($exit, 4, 'a lock_timeout that ran out is exit 4');
like($err, qr{/001_wait\.sql:3:1: error: canceling statement due to lock timeout \[55P03\]}, 'with its place');
is(psql($limits, q{SELECT to_regclass('before') IS NULL}), 't', 'and no trace');
my $index = program(migrations({'001_wait.sql' => "-- stele: lock-timeout 100ms\nCREATE INDEX CONCURRENTLY ON held (x);\nSELECT 1;\n"}));
($exit, $out, $err) = stele($index, $limits, 'up');
is($exit, 4, 'outside a transaction too');
psql($limits, q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid()});
finish($holder);
my $slow = program(migrations({'001_slow.sql' => "-- stele: statement-timeout 100ms\nCREATE TABLE before (x int);\nSELECT pg_sleep(600);\n"}));
($db) = fresh_database();
($exit, $out, $err) = stele($slow, $db, 'up');
is($exit, 1, 'a statement_timeout that ran out is exit 1');
like($err, qr{/001_slow\.sql:3:1: error: canceling statement due to statement timeout \[57014\]}, 'with its place');
like($err, qr{^hint: it took longer than statement_timeout, which a migration .*, a role, a database or a connection may set: raise it there}m, '... and what to do');

# The backend dies in the middle, while it waits for somebody.
$db = fresh_database();
$holder = start(postgres('psql'), '-Xq', '-d', url($db), '-c', 'SELECT pg_advisory_lock(1)', '-c', 'SELECT pg_sleep(600)');
ok(wait_for($db, q{SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()}), 'somebody holds a lock');
my $dies = program(migrations({'001_a.sql' => "CREATE TABLE a (x int);\n", '002_b.sql' => "-- stele: lock-timeout 10min\nCREATE TABLE b (x int);\nSELECT pg_advisory_xact_lock(1);\n",
    '003_c.sql' => "CREATE TABLE c (x int);\n"}));
my $victim = start($dies, 'up', '--db', url($db));
ok(wait_for($db, q{SELECT count(pg_terminate_backend(pid)) > 0 FROM pg_stat_activity WHERE wait_event = 'advisory' AND datname = current_database()}), 'its backend is killed');
($exit, $out, $err) = finish($victim);
psql($db, q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()});
finish($holder);
is($exit, 3, 'a backend that was killed is exit 3') or diag($out, $err);
like($err, qr/error: .*(?:57P01|terminat|closed)/, 'with what was heard last');
is(psql($db, q{SELECT to_regclass('b') IS NULL, count(*) FROM stele.ledger}), 't|1', 'the first is in, the second left no trace');
($exit, $out, $err) = stele($dies, $db, 'up');
is($exit, 0, 'the next up completes') or diag($err);
($exit, $out, $err) = stele($dies, $db, 'audit');
is($exit, 0, 'and all is well');

# No server.
for my $where ('host=/nonexistent', 'host=' . server() . ' port=1', 'postgresql://postgres@/nonexistent?host=' . server()) {
    ($exit, $out, $err) = run($dies, 'up', '--db', $where);
    is($exit, 3, "no connection is exit 3: $where");
    like($err, qr/^\S+: error: /, 'with a reason');
}

# What an extension brings isn't there before it.
for my $case (['a type', "CREATE TABLE a (v vector(3));\n", 'type "vector"'], ['an access method', "CREATE TABLE a (v int[]);\nCREATE INDEX ON a USING hnsw (v);\n", 'access method "hnsw"']) {
    ($exit, $out, $err) = stele(program(migrations({'001_a.sql' => $case->[1]})), fresh_database(), 'up');
    like("$exit $err", qr/^1 .*error: \Q$case->[2]\E does not exist \[42704\]\n(?:.*\n)*hint: if an extension makes it: CREATE EXTENSION comes before/, "$case->[0] of an extension that isn't there");
}
($exit, $out, $err) = stele(program(migrations({'001_a.sql' => "GRANT nobody_at_all TO CURRENT_USER;\n"})), fresh_database(), 'up');
unlike($err, qr/EXTENSION/, 'a role is none of an extension');

done_testing();
