package Stele::Replica;

# A streaming replica of the test's server: a real one, on a socket of its own.
#
#     my $replica = replica();                      # or replica(name => 'west', slot => 's1', settings => {recovery_min_apply_delay => '2s'})
#     psql_at($replica, 'postgres', 'SELECT pg_wal_replay_pause()');
#     ok(caught_up($replica), 'it has all of it');
#     stop_replica($replica); start_replica($replica);
#
# It ends with the test.

use strict;
use warnings;

use Exporter qw(import);
use Stele::Test;
use Time::HiRes qw(sleep time);

our @EXPORT = qw(replica start_replica stop_replica psql_at replica_url caught_up);

my $count = 0;
my $owner = $$;
my @made;

sub as_user {
    my @command = @_;
    my ($exit, $out, $err) = run(top() . '/tests/tools/server', 'as-user', @command, {cwd => '/'});
    return ($exit, $out . $err);
}

# Make one of the server as it is now, and start it. `name` is what it calls itself, `slot` a replication slot that is made for it.
sub replica {
    my (%option) = @_;
    my $primary = server();
    my $folder = "$primary/r" . ++$count;
    my $replica = {folder => $folder, name => $option{name} || "replica$count", settings => $option{settings} || {}, running => 0};
    my @slot = $option{slot} ? ('-C', '-S', $option{slot}) : ();
    my ($exit, $said) = as_user(postgres('pg_basebackup'), '-D', "$folder/data", '-d', "host=$primary user=postgres application_name=$replica->{name}", '-R', '-X', 'stream',
        '-c', 'fast', '--no-sync', @slot);
    die "pg_basebackup: $said" if $exit;
    push(@made, $replica);
    start_replica($replica);
    return $replica;
}

sub start_replica {
    my ($replica) = @_;
    my %settings = (fsync => 'off', listen_addresses => '', dynamic_shared_memory_type => 'mmap', max_connections => 200, hot_standby_feedback => 'off', %{$replica->{settings}});
    my $options = join(' ', "-k '$replica->{folder}' -p 5432", map { "-c $_='$settings{$_}'" } sort keys %settings);
    my ($exit, $said) = as_user(postgres('pg_ctl'), '-D', "$replica->{folder}/data", '-l', "$replica->{folder}/log", '-w', '-t', 60, '-o', $options, 'start');
    die "replica: $said" . (-e "$replica->{folder}/log" ? read_file("$replica->{folder}/log") : '') if $exit;
    $replica->{running} = 1;
    return;
}

sub stop_replica {
    my ($replica) = @_;
    as_user(postgres('pg_ctl'), '-D', "$replica->{folder}/data", '-m', 'immediate', '-w', 'stop') if $replica->{running};
    $replica->{running} = 0;
    return;
}

sub replica_url {
    my ($replica, $database) = @_;
    my $host = $replica->{folder};
    $host =~ s/([^A-Za-z0-9_.-])/sprintf('%%%02X', ord $1)/ge;
    return "postgresql://postgres@/$database?host=$host";
}

# Run SQL there as superuser; what it prints.
sub psql_at {
    my ($replica, $database, $sql) = @_;
    my ($exit, $out, $err) = run(postgres('psql'), '-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', replica_url($replica, $database), '-f', '-', {stdin => $sql});
    die "replica: $err" if $exit;
    chomp($out);
    return $out;
}

# Wait until it has replayed all that the server has now; false when it doesn't within two minutes.
sub caught_up {
    my ($replica) = @_;
    my $position = psql('postgres', 'SELECT pg_current_wal_flush_lsn()');
    for (my $end = time() + 120; time() < $end; sleep(0.02)) {
        return 1 if psql_at($replica, 'postgres', "SELECT pg_last_wal_replay_lsn() >= '$position'") eq 't';
    }
    return 0;
}

END {
    if ($$ == $owner) {
        my $status = $?;
        stop_replica($_) for @made;
        $? = $status;
    }
}

1;
