#!/usr/bin/perl
# Rows that a policy hides from the role that migrates are an error, never silence: a migration that changes "all" rows, counts
# them or copies them would else leave some out. In a database where policies are forced on the owner of the tables, wherever
# stele runs a statement of the user's.

use strict;
use warnings;

use Stele::Lua;
use Stele::Test;
use Test::More;

my ($exit, $out, $err, $db);
psql('postgres', 'CREATE ROLE keeper LOGIN; CREATE ROLE master LOGIN BYPASSRLS; GRANT keeper TO master');

# Three rows, of which the role that owns the table sees one.
sub database {
    my $name = fresh_database();
    psql($name, <<"SQL");
GRANT CREATE ON DATABASE $name TO keeper;
GRANT ALL ON SCHEMA public TO keeper;
SET ROLE keeper;
CREATE TABLE secret (x int PRIMARY KEY, y text);
INSERT INTO secret VALUES (1), (2), (3);
CREATE POLICY part ON secret USING (x = 1);
ALTER TABLE secret ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE PROCEDURE change() LANGUAGE plpgsql AS \$\$ BEGIN UPDATE secret SET y = 'changed'; COMMIT; END \$\$;
SQL
    return $name;
}

my $refused = qr/query would be affected by row-level security policy for table "secret"/;

sub run_as {
    my ($role, $files, @arguments) = @_;
    return run(program(migrations($files)), @arguments, '--db', url($db, $role));
}

# A migration that sees what it shouldn't. [how, its files, arguments, what master leaves of "changed" rows]
my @cases = (
    ['in a transaction', {'001_a.sql' => "-- stele: allow write-without-where \"t\"\nUPDATE secret SET y = 'changed';\n"}, ['up'], 3],
    ['behind a COMMIT of the file\'s own', {'001_a.sql' => "CREATE TABLE a (x int);\nCOMMIT;\n-- stele: allow write-without-where \"t\"\nUPDATE secret SET y = 'changed';\n"}, ['up'], 3],
    ['in a step of its own', {'001_a.sql' => "-- stele: no-transaction\nCALL change();\n"}, ['up'], 3],
    ['in a DO that commits', {'001_a.sql' => "-- stele: no-transaction\nDO \$\$ BEGIN UPDATE secret SET y = 'changed'; COMMIT; END \$\$;\n"}, ['up'], 3],
    ['in a step behind that', {'001_a.sql' => "CREATE TABLE a (x int);\nCREATE INDEX CONCURRENTLY a_x ON a (x);\nDELETE FROM secret WHERE x > 5;\n"}, ['up'], 0],
    ['when it is copied', {'001_a.sql' => "COPY secret TO stdout;\n"}, ['up'], 0],
    ['when it is filled by COPY', {'001_a.sql' => "COPY secret (x) FROM stdin;\n9\n\\.\n"}, ['up'], 0, qr/COPY FROM not supported with row-level security|query would be affected/],
    ['when another is filled from it', {'001_a.sql' => "CREATE TABLE copy AS SELECT * FROM secret;\n"}, ['up'], 0],
    ['in a materialized view', {'001_a.sql' => "CREATE MATERIALIZED VIEW mv AS SELECT * FROM secret;\n"}, ['up'], 0],
    ['when rows are expected', {'001_a.sql' => "-- stele: expect rows = 3\nUPDATE secret SET y = 'changed' WHERE x > 0;\n"}, ['up'], 3],
    ['when a query counts them', {'001_a.sql' => "CREATE TABLE b (x int);\n-- stele: expect rows = (SELECT count(*) FROM secret)\nINSERT INTO b SELECT generate_series(1, 3);\n"}, ['up'], 0],
    ['in a verify section', {'001_a.sql' => "CREATE TABLE a (x int);\n-- stele: verify\nSELECT count(*) = 3 FROM secret;\n"}, ['up', '--verify'], 0],
    ['in a repeatable', {'001_a.sql' => "CREATE TABLE a (x int);\n", 'R_b.sql' => "DELETE FROM secret WHERE x > 5;\n"}, ['up'], 0],
);
push(@cases, ['in Lua', {'001_a.lua' => "local function up(db)\n  db:exec(\"UPDATE secret SET y = 'changed'\")\nend\nreturn { up = up }\n"}, ['up'], 3]) if has_lua();

for my $case (@cases) {
    my ($title, $files, $arguments, $changed, $message) = @{$case};
    $db = database();
    ($exit, $out, $err) = run_as('keeper', $files, @{$arguments});
    is($exit, 1, "$title: fails") or diag("$out$err");
    like($err, $message || $refused, '... and says why');
    is(psql($db, q{SELECT count(*) FROM secret WHERE y = 'changed'}), '0', '... and changes nothing');
    $db = database();
    ($exit, $out, $err) = run_as('master', $files, '--role', 'keeper', @{$arguments});
    is($exit, 1, '... also with --role, of one that may see all') or diag("$out$err");
    $db = database();
    psql($db, "GRANT CREATE ON DATABASE $db TO master; GRANT ALL ON SCHEMA public TO master; ALTER TABLE secret NO FORCE ROW LEVEL SECURITY");
    ($exit, $out, $err) = run_as('keeper', $files, @{$arguments});
    is($exit, 0, '... and succeeds where no policy is forced') or diag("$out$err");
    is(psql($db, q{SELECT count(*) FROM secret WHERE y = 'changed'}), $changed, '... for all rows');
}

# The way back, and a check by itself.
my %back = ('001_a.sql' => "CREATE TABLE a (x int);\n-- stele: down\nDELETE FROM secret WHERE x > 5;\nDROP TABLE a;\n-- stele: verify\nSELECT count(*) = 3 FROM secret;\n");
$db = database();
is((run_as('keeper', \%back, 'up'))[0], 0, 'up without the section');
($exit, $out, $err) = run_as('keeper', \%back, 'verify');
is($exit, 1, 'verify fails') or diag("$out$err");
like("$out$err", $refused, '... and says why');
($exit, $out, $err) = run_as('keeper', \%back, 'down', '--allow-destructive');
is($exit, 1, 'down fails') or diag("$out$err");
like($err, $refused, '... and says why');
($exit, $out, $err) = run_as('keeper', \%back, 'plan', '--down');
like($out, qr/secret/, 'what would be lost is not told as nothing') or diag("$out$err");
my $test = temporary();
write_file($test, "SELECT CASE count(*) WHEN 3 THEN 'ok 1' ELSE 'not ok 1' END FROM secret;\n");
($exit, $out, $err) = run_as('keeper', \%back, 'verify', $test);
isnt($exit, 0, 'a file of tests fails') or diag("$out$err");
like("$out$err", $refused, '... and says why');

# A script for psql is as careful.
for my $files ({'001_a.sql' => "DELETE FROM secret WHERE x > 5;\n"}, {'001_a.sql' => "-- stele: no-transaction\nCALL change();\n"}) {
    $db = database();
    my ($ok, $script, $complaint) = run_as('keeper', $files, 'plan', '--sql');
    is($ok, 0, 'plan --sql') or diag($complaint);
    ($exit, $out, $err) = run(postgres('psql'), '-Xq', '-d', url($db, 'keeper'), '-f', '-', {stdin => $script});
    isnt($exit, 0, 'psql stops') or diag("$out$err");
    like($err, $refused, '... at that');
}

# A file that says so itself sees what the policies let it see; and it is off again for what comes after it.
$db = database();
($exit, $out, $err) = run_as('keeper', {'001_a.sql' => "SET LOCAL row_security = on;\nUPDATE secret SET y = 'changed' WHERE x > 0;\n", '002_b.sql' => "DELETE FROM secret WHERE x > 5;\n"}, 'up');
is($exit, 1, 'the next migration fails') or diag("$out$err");
like($err, qr{/002_b\.sql:1:1?.*$refused}, '... and not the one that wants policies');
is(psql($db, q{SELECT count(*) FROM secret WHERE y = 'changed'}), '1', 'which has changed what it may');

# What stele keeps isn't hidden from it: a policy on its own tables is found.
$db = database();
is((run_as('keeper', \%back, 'up'))[0], 0, 'a ledger');
psql($db, 'SET ROLE keeper; ALTER TABLE stele.ledger ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY');
for my $command ('audit', 'up') {
    ($exit, $out, $err) = run_as('keeper', {%back, '002_b.sql' => "SELECT 1;\n"}, $command);
    is($exit, 6, "$command of a ledger that hides its rows") or diag("$out$err");
}

done_testing();
