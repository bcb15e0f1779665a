#!/usr/bin/perl
# Through PgBouncer in transaction mode, where a session's settings and locks strand: migrations that
# are transactions need neither.

use strict;
use warnings;

use Stele::Ledger;
use Stele::Pooler;
use Stele::Test;
use Test::More;

my ($version) = poolers() or plan(skip_all => 'there is no pgbouncer on this host');
my $pooler = pooler($version) or plan(skip_all => "PgBouncer $version does not start here");
my $pool = "$pooler->{conninfo} dbname=";

my ($exit, $out, $err, $seen);
my %files = map { sprintf('%03d_m.sql', $_) => "CREATE TABLE m$_ (x int);\nINSERT INTO m$_ VALUES (1);\n" } 1 .. 6;
$files{'007_set.sql'} = "SET search_path = '';\nCREATE TEMP TABLE t (x int);\nSELECT pg_catalog.set_config('my.x', 'y', false);\nCREATE TABLE public.m7 (x int);\n";
$files{'008_copy.sql'} = "CREATE TABLE m8 (x int);\nCOPY m8 FROM stdin;\n1\n\\.\n";
my $program = program(migrations(\%files));
my $db = fresh_database();
for my $command ('check', 'up', 'up', 'check', 'status', 'history', 'plan', 'audit') {
    ($exit, $out, $err) = run($program, $command, '--db', "$pool$db");
    is($exit, $command eq "check" && !$seen++ ? 5 : 0, "$command through the pool") or diag($out, $err);
}
is(psql($db, 'SELECT count(*) FROM stele.ledger'), '8', 'all are in');
is((stele($program, $db, 'audit'))[0], 0, 'and the ledger is sound, seen directly');
is((run(postgres('psql'), '-XqAt', '-d', "$pool$db", '-c', 'SHOW search_path'))[1], "\"\$user\", public\n", 'no setting is left to the next client')
    for 1 .. 4;

# Twenty at once, through four connections.
$db = fresh_database();
my @running = map { start($program, 'up', '--db', "$pool$db") } 1 .. 20;
my @bad = grep { $_->[0] } map { [finish($_)] } @running;
is(scalar(@bad), 0, 'twenty processes at once all exit 0') or diag(map { $_->[2] } @bad);
is(psql($db, 'SELECT count(*), count(DISTINCT version) FROM stele.ledger'), '8|8', 'each migration is applied once');

# A failure leaves nothing behind in the pool.
my $bad = program(migrations({'001_bad.sql' => "SET search_path = '';\nCREATE TABLE public.x (y int);\nSELECT nothing;\n"}));
$db = fresh_database();
($exit, $out, $err) = run($bad, 'up', '--db', "$pool$db");
is($exit, 1, 'a failure');
like($err, qr{/001_bad\.sql:3:8: error: column "nothing" does not exist \[42703\]}, 'is told as ever');
is((run(postgres('psql'), '-XqAt', '-d', "$pool$db", '-c', 'SHOW search_path'))[1], "\"\$user\", public\n", 'and leaves no setting');

# ---------------------------------------------------------------- another role

# A session's role would stay in the pool, for whoever gets it next. Where each session begins with it, there is nothing to set.
my $roles = program(migrations({'001_r.sql' => "CREATE TABLE r (x int);\n", '002_s.sql' => "SET search_path = public;\nCREATE TABLE s (x int);\nRESET ROLE;\n"}));
$db = fresh_database();
psql($db, "CREATE ROLE pooled; GRANT CREATE ON DATABASE $db TO pooled; GRANT ALL ON SCHEMA public TO pooled");
for my $command ('check', 'up') {
    ($exit, $out, $err) = run($roles, $command, '--role', 'pooled', '--db', "$pool$db");
    is($exit, 9, "$command --role is refused") or diag($out, $err);
    like($err, qr/role "pooled" can't be set through a connection pooler.*\nhint: connect to the server itself, or .*: ALTER ROLE "postgres" SET role = "pooled"/, '... with what to do');
}
is((run(postgres('psql'), '-XqAt', '-d', "$pool$db", '-c', 'SELECT current_user'))[1], "postgres\n", 'and nothing was set');
psql('postgres', "ALTER ROLE postgres IN DATABASE $db SET role = 'pooled'");
for my $role ([], ['--role', 'pooled']) {
    my $other = fresh_database();
    psql($other, "GRANT CREATE ON DATABASE $other TO pooled; GRANT ALL ON SCHEMA public TO pooled; ALTER ROLE postgres IN DATABASE $other SET role = 'pooled'");
    ($exit, $out, $err) = run($roles, 'up', @{$role}, '--db', "$pool$other");
    is($exit, 0, "up @{$role} where the login begins with it") or diag($out, $err);
    is(psql($other, q{SELECT string_agg(DISTINCT pg_get_userbyid(relowner), ',') FROM pg_class WHERE relname IN ('r', 's', 'ledger')}), 'pooled', '... all belongs to that role');
}

done_testing();
