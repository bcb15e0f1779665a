package Stele::Pooler;

# PgBouncer in transaction mode, in front of the test's server.
#
#     for my $version (poolers()) {
#         my $pooler = pooler($version, {default_pool_size => 2}) or next;
#         run($program, 'up', '--db', "$pooler->{conninfo} dbname=$db");
#     }

use strict;
use warnings;

use Exporter qw(import);
use Stele::Test;
use Time::HiRes qw(sleep time);

our @EXPORT = qw(poolers pooler);

my (%found, @running);

# The versions that are on this host, oldest first: beside the server's programs, where Debian puts it, or in PATH.
sub poolers {
    if (!%found) {
        for my $path (postgres('pgbouncer'), map { "$_/pgbouncer" } '/usr/sbin', '/usr/local/sbin', split(/:/, $ENV{PATH})) {
            next unless -x $path;
            my ($exit, $out) = run($path, '--version');
            $found{$1} ||= $path if $out =~ /PgBouncer (\d[\d.]*)/;
        }
    }
    return sort { (split /\./, $a)[1] <=> (split /\./, $b)[1] } keys %found;
}

# Start one of them, with settings; with `users`, those log in as themselves, and not all as postgres, and conninfo has no user; undef, with a note, when it doesn't start. It ends with the test.
sub pooler {
    my ($version, $settings) = @_;
    poolers();
    my $path = $found{$version} or return;
    my $host = server();
    my $folder = temporary(1);
    my %settings = (default_pool_size => 4, max_client_conn => 400, %{$settings || {}});
    my $users = delete $settings{users};
    my ($user, $auth) = $users ? ('', "trust\nauth_file = $folder/users") : (' user=postgres', 'any');
    write_file("$folder/users", join('', map { qq("$_" ""\n) } 'postgres', @{$users || []}));
    write_file("$folder/ini", <<"INI" . join('', map { "$_ = $settings{$_}\n" } sort keys %settings));
[databases]
* = host=$host$user
[pgbouncer]
listen_addr =
unix_socket_dir = $folder
listen_port = 6432
auth_type = $auth
pool_mode = transaction
ignore_startup_parameters = extra_float_digits,options
logfile = $folder/log
INI
    chmod(0755, $folder =~ s{/[^/]+\z}{}r);
    chmod(0777, $folder);
    chmod(0644, "$folder/ini", "$folder/users");
    my $running = start(top() . '/tests/tools/server', 'as-user', $path, '-q', "$folder/ini", {cwd => '/', timeout => 3600});
    push(@running, $running);
    my $conninfo = "host=$folder port=6432" . ($users ? '' : ' user=postgres');
    my $until = time() + 120;
    sleep(0.02) while (run(postgres('pg_isready'), '-q', '-d', "$conninfo user=postgres dbname=postgres"))[0] && time() < $until;
    my ($exit, $out) = run(postgres('psql'), '-XqAt', '-d', "$conninfo user=postgres dbname=postgres", '-c', 'SELECT 1');
    return {conninfo => $conninfo, folder => $folder, version => $version} if $out eq "1\n";
    print '# PgBouncer does not start here: ' . (-e "$folder/log" ? read_file("$folder/log") : '') =~ s/\n/\n# /gr . "\n";
    return;
}

END {
    my $status = $?;
    for my $one (@running) {
        kill('INT', -$one->{pid});
        finish($one);
    }
    $? = $status;
}

1;
