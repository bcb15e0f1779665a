#!/usr/bin/perl
# Through PgBouncer in transaction mode, where a session's settings and locks strand: migrations that
# are transactions need neither.

use strict;
use warnings;

use Stele::Ledger;
use Stele::Test;
use Test::More;
use Time::HiRes qw(sleep time);

# It is found beside the server's programs, where Debian puts it, or in PATH.
sub find_pgbouncer {
    for my $path (postgres('pgbouncer'), map { "$_/pgbouncer" } '/usr/sbin', '/usr/local/sbin', split(/:/, $ENV{PATH})) {
        return $path if -x $path;
    }
    return;
}
my $pgbouncer = find_pgbouncer() or plan(skip_all => 'there is no pgbouncer on this host');

my $host = server();
my $folder = temporary(1);
my $as_user = top() . '/tests/tools/server';
write_file("$folder/users", qq("postgres" ""\n));
write_file("$folder/ini", <<"INI");
[databases]
* = host=$host user=postgres
[pgbouncer]
listen_addr =
unix_socket_dir = $folder
listen_port = 6432
auth_type = any
pool_mode = transaction
default_pool_size = 4
max_client_conn = 200
ignore_startup_parameters = extra_float_digits,options
logfile = $folder/log
INI
chmod(0755, $folder =~ s{/[^/]+\z}{}r);
chmod(0777, $folder);
chmod(0644, "$folder/ini", "$folder/users");
my $running = start($as_user, 'as-user', $pgbouncer, '-q', "$folder/ini", {cwd => '/', timeout => 100});
my $pool = "host=$folder port=6432 user=postgres dbname=";
my $until = time() + 15;
sleep(0.02) while (run(postgres('pg_isready'), '-q', '-d', "${pool}postgres"))[0] && time() < $until;
(run(postgres('psql'), '-XqAt', '-d', "${pool}postgres", '-c', 'SELECT 1'))[1] eq "1\n"
    or do { plan(skip_all => 'pgbouncer does not start here: ' . (-e "$folder/log" ? read_file("$folder/log") : '')) };

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

kill('INT', -$running->{pid});
finish($running);
done_testing();
