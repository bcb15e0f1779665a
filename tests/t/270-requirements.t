#!/usr/bin/perl
# What must be so before anything runs; the order, and leave to break it; several components in one
# folder; roles with few rights.

use strict;
use warnings;

use Stele::Ledger;
use Stele::Test;
use Test::More;

my ($exit, $out, $err, $db);

# ------------------------------------------------------------------- needs

for my $case (
    ['needs server >= 99', qr{/002_n\.sql:1:1: error: "002_n\.sql" needs server >= 99; the server has \d+\.\d+$}m],
    ['needs nonesuch', qr{needs nonesuch; the server has no such extension\n +1 \| -- stele: needs nonesuch\n.*\nhint: install the extension's package}],
    ['needs vector >= 99.1', qr{needs vector >= 99\.1; the server has \d+\.\d+\.\d+$}m],
    ['needs vector >= 0.5', undef], ['needs vector', undef], ['needs server >= 12', undef], ['needs server >= 12.1', undef],
) {
    my ($need, $complaint) = @{$case};
    my $program = program(migrations({'001_a.sql' => "CREATE TABLE a (x int);\n", '002_n.sql' => "-- stele: $need\nSELECT 1;\n"}));
    $db = fresh_database();
    ($exit, $out, $err) = stele($program, $db, 'up');
    is($exit, $complaint ? 9 : 0, $need) or diag($err);
    next unless $complaint;
    like($err, $complaint, 'the message names the file, the line, what is needed and what there is');
    is(psql($db, q{SELECT to_regclass('a') IS NULL, to_regnamespace('stele') IS NULL}), 't|t', 'before anything ran');
    is((stele($program, $db, 'up', '001'))[0], 0, 'what does not need it can be applied');
}
# Extensions that a migration makes count in the version that would be installed, or is.
$db = fresh_database();
psql($db, q{CREATE EXTENSION vector VERSION '0.5.0'}) if psql($db, q{SELECT count(*) FROM pg_available_extension_versions WHERE name = 'vector' AND version = '0.5.0'});
SKIP: {
    skip('this pgvector has no old version to install', 1) if psql($db, q{SELECT count(*) FROM pg_extension WHERE extname = 'vector'}) eq '0';
    is((stele(program(migrations({'001_n.sql' => "-- stele: needs vector >= 0.6\nSELECT 1;\n"})), $db, 'up'))[0], 9, 'an installed version counts, not the one that could be');
}

# -------------------------------------------------------------------- order

my %two = ('001_a.sql' => "CREATE TABLE a (x int);\n", '003_c.sql' => "CREATE TABLE c (x int);\n");
my $three = program(migrations({%two, '002_b.sql' => "CREATE TABLE b (x int);\n"}));
$db = fresh_database();
is((stele(program(migrations({%two})), $db, 'up'))[0], 0, 'two of three');
for my $command ('up', 'check', 'plan', 'audit') {
    ($exit, $out, $err) = stele($three, $db, $command);
    is($exit, 6, "one below the last: $command refuses") or diag($out);
    like("$out$err", qr/"002_b\.sql" is not applied, though a later migration of component "main" is/, 'by name');
}
like((stele($three, $db, 'status'))[1], qr/^  skipped +002_b\.sql/m, 'status calls it skipped');
is((stele($three, $db, 'plan', '--out-of-order'))[0], 0, 'plan --out-of-order');
($exit, $out, $err) = stele($three, $db, 'up', '--out-of-order');
is($exit, 0, 'up --out-of-order applies it') or diag($err);
is((stele($three, $db, $_))[0], 0, "then $_ is content") for 'check', 'up', 'plan', 'audit', 'status';
my @rows = ledger_rows($db);
is(join(' ', map { $_->{version} } @rows), '001 003 002', 'the ledger tells the order');
is($rows[2]{state}, state_digest('main', map { [@{$_}{qw(version name source)}] } sort { $a->{version} cmp $b->{version} } @rows), 'the state is that of the set');

# --------------------------------------------------------------- components

my %mixed = (
    '001_m.sql' => "-- stele: component memory\nCREATE TABLE memory1 (x int);\n",
    '001_a.sql' => "-- stele: component auth\nCREATE TABLE auth1 (x int);\n",
    '002_m.sql' => "-- stele: component memory\nCREATE TABLE memory2 (x int);\n",
    '003_a.sql' => "-- stele: component auth\nCREATE TABLE auth3 (x int);\n",
    '010_a.sql' => "-- stele: component auth\nCREATE TABLE auth10 (x int);\n",
);
my $mixed = program(migrations({%mixed}));
$db = fresh_database();
($exit, $out, $err) = stele($mixed, $db, 'up', '001');
is($exit, 2, 'a version that two components have is ambiguous');
like($err, qr/2 components have a migration "001"; name one as component\/version/, 'and the message says how to name one');
($exit, $out, $err) = stele($mixed, $db, 'plan', 'memory/001');
is($exit, 0, 'plan COMPONENT/VERSION') or diag($err);
is((stele($mixed, $db, 'up', 'memory/001'))[0], 0, 'up COMPONENT/VERSION');
is(psql($db, q{SELECT to_regclass('memory1') IS NOT NULL, to_regclass('memory2') IS NULL}), 't|t', 'goes up to that one');
is((stele($mixed, $db, 'up', '3'))[0], 0, 'up VERSION where one component has it, its zeros left out');
is(psql($db, q{SELECT to_regclass('auth3') IS NOT NULL, to_regclass('auth10') IS NULL}), 't|t', 'goes up to that one');
($exit, $out, $err) = stele($mixed, $db, 'up', 'auth/7');
is($exit, 2, 'a version that is not there');
like($err, qr/there is no migration "auth\/7" in this program/, 'is named');
is((stele($mixed, $db, 'check'))[0], 5, 'something is pending');
($exit, $out, $err) = stele($mixed, $db, 'up');
is($exit, 0, 'the rest');
is(psql($db, q{SELECT component, count(*), min(seq), max(seq) FROM stele.ledger GROUP BY 1 ORDER BY 1}), "auth|3|1|3\nmemory|2|1|2", 'each has a chain of its own');
($exit, $out, $err) = stele($mixed, $db, 'status');
like($out, qr{^  applied +$_}m, "status shows $_") for 'memory/001_m\.sql', 'auth/010_a\.sql';
like((stele($mixed, $db, 'audit'))[1], qr/the chain of component "auth" holds: 3 rows.*the chain of component "memory" holds: 2 rows/s, 'audit proves both');
like((stele($mixed, $db, 'history'))[1], qr{^ +3 .* apply +auth/010_a\.sql}m, 'history has both');
my $memory = program(migrations({map { $_ => $mixed{$_} } '001_m.sql', '002_m.sql'}));
is((stele($memory, $db, $_))[0], 0, "a program with one of them: $_ looks at its own") for 'check', 'up', 'plan', 'status', 'audit';
my $tampered = tampered($db, q{UPDATE stele.ledger SET host = 'x' WHERE component = 'auth' AND seq = 2});
is((stele($memory, $tampered, 'check'))[0], 0, "the other's tampered chain is not its business");
is((stele($memory, $tampered, 'audit'))[0], 6, 'but audit looks at all');

# A ledger in a schema with an awkward name.
$db = fresh_database();
for my $command ('up', 'up', 'check', 'status', 'history', 'plan', 'audit') {
    ($exit, $out, $err) = stele($mixed, $db, $command, '--schema', q{My "Ledger's $$});
    is($exit, 0, "$command in a schema with an awkward name") or diag($err);
}
is(psql($db, q{SELECT count(*) FROM "My ""Ledger's $$".ledger}), '5', 'the ledger is there');

# --------------------------------------------------------------- privileges

$db = fresh_database();
psql($db, "CREATE ROLE app LOGIN; REVOKE CREATE ON DATABASE $db FROM PUBLIC; CREATE SCHEMA app AUTHORIZATION app; ALTER ROLE app SET search_path = app");
my $app = program(migrations({'001_a.sql' => "CREATE TABLE a (x int);\n", '002_i.sql' => "CREATE INDEX CONCURRENTLY a_x ON a (x);\n"}));
($exit, $out, $err) = run($app, 'up', '--db', url($db, 'app'));
is($exit, 9, 'a role that may not create a schema');
like($err, qr/\[42501\]\nhint: stele keeps its ledger in the schema "stele": have it made, owned by this role, with CREATE SCHEMA "stele" AUTHORIZATION role/, 'is told what to do');
psql($db, 'CREATE SCHEMA stele AUTHORIZATION app');
for my $command ('up', 'up', 'check', 'audit') {
    ($exit, $out, $err) = run($app, $command, '--db', url($db, 'app'));
    is($exit, 0, "$command with the schema made for it") or diag($err);
}
is(psql($db, q{SELECT string_agg(DISTINCT role, ',') FROM stele.ledger}), 'app', 'by that role');
is((run($app, 'check', '--db', url($db)))[0], 0, 'the superuser may look, too');

# Somebody else's schema of that name.
$db = fresh_database();
psql($db, 'CREATE SCHEMA stele; CREATE TABLE stele.ledger (x int); CREATE TABLE stele.anchor (y int)');
for my $command ('up', 'check', 'audit') {
    ($exit, $out, $err) = stele($app, $db, $command);
    isnt($exit, 0, "tables of another program in the schema: $command refuses");
    like($err, qr/hint: .*another program; name another schema with --schema/, 'and says what to do');
}

# Rows hidden by a policy are an error and not silence.
$db = fresh_database();
psql($db, "CREATE SCHEMA stele AUTHORIZATION app; CREATE TABLE secret (x int); INSERT INTO secret VALUES (1); ALTER TABLE secret ENABLE ROW LEVEL SECURITY;"
    . " GRANT ALL ON secret TO app; CREATE POLICY none ON secret USING (false)");
($exit, $out, $err) = run(program(migrations({'001_u.sql' => "UPDATE public.secret SET x = 2;\n"})), 'up', '--db', url($db, 'app'));
is($exit, 1, 'an UPDATE of rows that a policy hides fails') or diag($out);
like($err, qr/row-level security policy for table "secret"/, 'and says so');

done_testing();
