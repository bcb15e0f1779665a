#!/usr/bin/perl
# The throwaway server: what tests need is there, and nothing stays behind.
use strict;
use warnings;
use Test::More;
use Stele::Test;

my $db = fresh_database();
cmp_ok(psql($db, 'SHOW server_version_num'), '>=', 140000, 'PostgreSQL is 14 or newer');
is(psql($db, 'SHOW listen_addresses'), '', 'it listens on no address');
is(psql($db, "CREATE EXTENSION vector; CREATE EXTENSION pg_trgm; SELECT '[1,2]'::vector <-> '[1,3]'"), '1', 'pgvector and pg_trgm work');
isnt(fresh_database(), $db, 'each database is a new one');
unlike(pg_dump_schema($db), qr/^\\restrict/m, 'a dump can be compared with another');

my $tool = top() . '/tests/tools/server';

# A server whose owner is killed, group and all, stops by itself.
my $script = temporary();
write_file($script, "exec setsid sh -c 'echo \$\$ >$script.owner; sleep 100 | \"$tool\" run >$script.folder'\n");
my $command = start('sh', $script);
comes_true(sub { -s "$script.folder" });
chomp(my $folder = read_file("$script.folder"));
chomp(my $group = read_file("$script.owner"));
ok(-e "$folder/data/postmaster.pid", 'a server runs');
kill('KILL', -$group);
finish($command);
ok(comes_true(sub { !-e $folder }), 'and is gone when its owner was killed');

my ($exit, $out, $err) = run($tool, 'start', '--fsync', '-c', 'work_mem=3MB');
is($exit, 0, 'one can be started by hand');
chomp($folder = $out);
is(run_psql($folder, 'SHOW fsync') . run_psql($folder, 'SHOW work_mem'), "on\n3MB\n", 'with settings');
($exit) = run($tool, 'stop', $folder);
ok(!$exit && !-e $folder, 'and stopped');

($exit, $out, $err) = run($tool, 'stop', '/');
ok($exit, 'what is no server is not stopped');
like($err, qr/"\/" is not the folder of a server/, 'and a reason given');

done_testing();

sub run_psql {
    my ($host, $sql) = @_;
    return (run(postgres('psql'), '-XqAt', '-h', $host, '-U', 'postgres', '-c', $sql))[1];
}

sub comes_true {
    my ($condition) = @_;
    for (1 .. 200) {
        return 1 if $condition->();
        select(undef, undef, undef, 0.05);
    }
    return 0;
}
