#!/usr/bin/perl
# With nothing pending, `check` and `up` send one statement and write nothing: they work where
# nothing can be written, and with rights to read only.

use strict;
use warnings;

use IO::Select;
use IO::Socket::UNIX;
use Stele::Ledger;
use Stele::Test;
use Test::More;
use Time::HiRes qw(sleep time);

$SIG{PIPE} = 'IGNORE';    # of a side that hung up first
my $host = server('-c', 'wal_level=replica', '-c', 'max_wal_senders=4');
my %files = ('stele.conf' => "parameter v literal run\n", '001_a.sql' => "CREATE TABLE a (x int);\n", '002_b.sql' => "-- stele: component other\nCREATE TABLE b (x int);\n");
my $dir = migrations({%files});
my $program = program($dir);
my $db = fresh_database();
my ($exit, $out, $err) = stele($program, $db, 'up', '-D', 'v=1');
is($exit, 0, 'two components are up') or BAIL_OUT($err);

# A proxy that counts: what the client sends after the connection is up, by message, and how often it waits for the
# server to be ready for another.
sub proxied {
    my ($database, @arguments) = @_;
    my $folder = temporary(1);
    my $listen = IO::Socket::UNIX->new(Local => "$folder/.s.PGSQL.5432", Listen => 1) or die "socket: $!\n";
    my $command = start($program, @arguments, '--db', "host=$folder user=postgres dbname=$database");
    my $client = $listen->accept or die "accept: $!\n";
    my $server = IO::Socket::UNIX->new(Peer => "$host/.s.PGSQL.5432") or die "connect: $!\n";
    my ($sent, $answers) = ('', '');
    my $select = IO::Select->new($client, $server);
    CONNECTED: while (1) {
        for my $from ($select->can_read(20)) {
            sysread($from, my $bytes, 65536) or last CONNECTED;
            $from == $client ? ($sent .= $bytes) : ($answers .= $bytes);
            syswrite($from == $client ? $server : $client, $bytes);
        }
    }
    my @result = finish($command);
    substr($sent, 0, unpack('N', $sent), ''); # the startup packet has no type
    return ([messages($sent)], [messages($answers)], @result);
}

# The types of the messages in a stream, each with what it holds.
sub messages {
    my ($bytes) = @_;
    my @messages;
    while (length $bytes >= 5) {
        my ($type, $length) = unpack('aN', $bytes);
        push(@messages, [$type, substr($bytes, 5, $length - 4)]);
        substr($bytes, 0, $length + 1, '');
    }
    return @messages;
}

for my $command ('check', 'up', 'up -D v=1') {
    my ($sent, $answers, $status, $stdout, $stderr) = proxied($db, split(' ', $command));
    is($status, 0, "$command with nothing pending") or diag($stderr);
    is(join('', map { $_->[0] } @{$sent}), 'PBDESX', "$command sends one statement, and says goodbye");
    is(scalar(grep { $_->[0] eq 'Z' } @{$answers}), 2, "$command waits twice: to be connected, and once");
    unlike(join('', map { $_->[1] } @{$sent}), qr/\b(?:BEGIN|SET|INSERT|CREATE|LOCK)\b/, "$command: it only reads");
}
my $before = psql($db, 'SELECT pg_current_wal_insert_lsn()');
is((stele($program, $db, $_))[0], 0, $_) for 'check', 'up', 'status', 'history', 'plan', 'audit';
is(psql($db, 'SELECT pg_current_wal_insert_lsn()'), $before, 'none of the commands wrote anything');

# Where nothing may be written.
psql('postgres', "ALTER DATABASE $db SET default_transaction_read_only = on");
is((stele($program, $db, $_))[0], 0, "$_ in a read-only database") for 'check', 'up', 'status', 'audit';
psql('postgres', "ALTER DATABASE $db RESET default_transaction_read_only");

psql($db, q{CREATE ROLE reader LOGIN; GRANT USAGE ON SCHEMA stele TO reader; GRANT SELECT ON stele.ledger, stele.anchor TO reader;
    CREATE ROLE nobody LOGIN; CREATE ROLE viewer LOGIN; GRANT USAGE ON SCHEMA stele TO viewer; GRANT SELECT ON stele.history TO viewer});
for my $command ('check', 'up', 'status', 'history', 'plan', 'audit') {
    ($exit, $out, $err) = run($program, $command, '--db', url($db, 'reader'));
    is($exit, 0, "$command with rights to read only") or diag($err);
}
($exit, $out, $err) = run($program, 'check', '--db', url($db, 'nobody'));
is($exit, 9, 'without rights it is a requirement that is not met');
like($err, qr{hint: have it granted by the role that owns the schema "stele", which up itself needs: grant --read nobody\n}, 'and the hint says how');
{
    my %first = ('001_a.sql' => "SELECT 1;\n");
    my $other = fresh_database();
    stele(program(migrations({%first})), $other, 'up');
    psql($other, 'GRANT USAGE ON SCHEMA stele TO nobody; GRANT SELECT ON ALL TABLES IN SCHEMA stele TO nobody');
    ($exit, $out, $err) = run(program(migrations({%first, '002_b.sql' => "SELECT 1;\n"})), 'up', '--db', url($other, 'nobody'));
    is($exit, 9, 'who may only read can not apply');
    like($err, qr/\A[^:\n]+: error: permission denied .*\nhint: this needs the role that owns the schema "stele"/, 'and no migration is blamed for it');
}
is((run(postgres('psql'), '-XqAt', '-d', url($db, 'viewer'), '-c', 'SELECT count(*) FROM stele.history'))[1], "2\n", 'the view can be granted alone');
isnt((run(postgres('psql'), '-XqAt', '-d', url($db, 'viewer'), '-c', 'SELECT down FROM stele.ledger'))[0], 0, 'without the scripts');

# Pending, and not allowed to write.
my $pending = program(migrations({%files, '003_c.sql' => "CREATE TABLE c (x int);\n"}));
($exit, $out, $err) = run($pending, 'check', '--db', url($db, 'reader'));
is($exit, 5, 'the reader sees what is pending');
($exit, $out, $err) = run($pending, 'up', '--db', url($db, 'reader'));
is($exit, 9, 'and can not apply it');
like($err, qr/role "reader" lacks CREATE on schema public/, 'for what the migration needs');
my $harmless = program(migrations({%files, '003_c.sql' => "SELECT 1;\n"}));
($exit, $out, $err) = run($harmless, 'up', '--db', url($db, 'reader'));
is($exit, 9, 'nor one that needs nothing');
like($err, qr/permission denied.*42501.*hint: this needs the role that owns the schema "stele"/s, 'for the ledger\'s sake');
is((run($harmless, 'plan', '--db', url($db, 'reader')))[0], 0, 'though it sees what is planned');

# A hot standby.
my $folder = temporary(1);
my $as_user = top() . '/tests/tools/server';
chmod(0755, $folder =~ s{/[^/]+\z}{}r, $folder);
mkdir("$folder/s") or die;
my $owner = (stat("$host/data"))[4];
chown($owner, (stat("$host/data"))[5], "$folder/s") if $> == 0;
($exit, $out, $err) = run($as_user, 'as-user', postgres('pg_basebackup'), '-h', $host, '-U', 'postgres', '-D', "$folder/s/data", '-R', '-X', 'stream', '-c', 'fast', {cwd => '/'});
is($exit, 0, 'a base backup') or diag($err);
# Started as a command of this test, it can't outlive it.
my $standby = "host=$folder/s user=postgres dbname=$db";
my $running = start($as_user, 'as-user', postgres('postgres'), '-D', "$folder/s/data", '-k', "$folder/s", '-c', 'listen_addresses=',
    '-c', 'max_connections=200', '-c', 'fsync=off', {cwd => '/'});
my $until = time() + 120;
sleep(0.05) while (run(postgres('pg_isready'), '-q', '-d', $standby))[0] && time() < $until;
is((run(postgres('psql'), '-XqAt', '-d', $standby, '-c', 'SELECT pg_is_in_recovery()'))[1], "t\n", 'it is one');
for my $command ('check', 'up', 'status', 'history', 'plan', 'audit') {
    ($exit, $out, $err) = run($program, $command, '--db', $standby);
    is($exit, 0, "$command on a hot standby") or diag($err);
}
($exit, $out, $err) = run($pending, 'up', '--db', $standby);
is($exit, 9, 'with work to do it is a requirement that is not met') or diag($err);
like($err, qr/error: .*recovery.*^hint: .*connect to the primary$/ms, 'and the hint says what to do');
kill('INT', (split(/\n/, read_file("$folder/s/data/postmaster.pid")))[0]);
is((finish($running))[0], 0, 'the standby stops');

# Five thousand.
my $many = program(migrations({map { sprintf('%05d_m.sql', $_) => "SELECT $_;\n" } 1 .. 5000}));
my $large = fresh_database();
my $start = time();
($exit, $out, $err) = stele($many, $large, 'up', '--quiet');
is($exit, 0, '5,000 migrations') or diag($err);
note(sprintf('applied in %.1f s', time() - $start));
is(psql($large, 'SELECT count(*), max(seq) FROM stele.ledger'), '5000|5000', 'are in the ledger');
for my $command ('check', 'up', 'audit') {
    $start = time();
    ($exit, $out, $err) = stele($many, $large, $command);
    my $took = time() - $start;
    is($exit, 0, "$command with 5,000 migrations");
    cmp_ok($took, '<', 30, sprintf('is quick: %.0f ms', 1000 * $took));
}

done_testing();
