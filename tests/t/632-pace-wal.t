#!/usr/bin/perl
# A budget of WAL, of the whole server, while others write, too: no ten seconds have more than a tenth above it, as somebody else sees it.

use strict;
use warnings;

use Stele::Session;
use Stele::Test;
use Test::More;
use Time::HiRes qw(sleep time);

# Pages are written whole after a checkpoint, as everywhere.
server('-c', 'full_page_writes=on', '-c', 'checkpoint_timeout=30s');
my $pace = helper('pace');
my $db = fresh_database();
psql($db, <<'SQL');
CREATE TABLE t (id int PRIMARY KEY, x text NOT NULL) WITH (fillfactor = 50);
INSERT INTO t SELECT i, repeat('x', 300) FROM generate_series(1, 40000) AS i;
CREATE TABLE other (id int PRIMARY KEY, x text NOT NULL);
INSERT INTO other SELECT i, '' FROM generate_series(1, 1000) AS i;
VACUUM ANALYZE;
CHECKPOINT;
SQL

use constant BUDGET => 3 * 1048576;
my $update = 'UPDATE t SET x = repeat(md5(random()::text), 10) WHERE id IN (SELECT 1 + (random() * 39999)::int FROM generate_series(1, :rows))';
my $job = start($pace, url($db), {stdin => "set wal 3MB/s\nsample\nwork 13 $update\n"});
# Others write about 1 MB/s, in bursts.
my $other = start(postgres('psql'), '-Xq', '-d', url($db), '-c',
    "DO \$\$ BEGIN LOOP UPDATE other SET x = repeat('y', 100) WHERE id <= (random() * 1000); COMMIT; PERFORM pg_sleep(0.1); END LOOP; END \$\$");
my (@when, @position);
for (my $end = time() + 12.8; time() < $end; sleep(0.1)) {
    my $before = time();
    push(@position, ask($db, q{SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')}));
    push(@when, ($before + time()) / 2);
    ask($db, 'CHECKPOINT') if @when == 40;
}
my ($exit, $out) = finish($job);
psql($db, q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'DO%LOOP%' AND pid <> pg_backend_pid()});
finish($other);

my ($worst, $least) = (0, 1e9);
for my $first (0 .. $#when) {
    my ($last) = grep { $when[$_] >= $when[$first] + 10 } $first .. $#when;
    last unless defined $last;
    my $share = ($position[$last] - $position[$first]) / (BUDGET * ($when[$last] - $when[$first]));
    $worst = $share if $share > $worst;
    $least = $share if $share < $least;
}
note(sprintf('ten seconds: %.3f to %.3f of the budget; %s', $least, $worst, $out));
is($exit, 0, 'it runs through');
cmp_ok($worst, '<=', 1.1, 'no ten seconds have more than a tenth above the budget');
cmp_ok($least, '>=', 0.7, 'and it is used');
like($out, qr/\(WAL /, 'the budget is the reason that is told');

# Without a budget there would be more.
($exit, $out) = run($pace, url($db), {stdin => "sample\nwork 1.5 $update\nsample\n"});
my ($rate) = $out =~ /.* wal (\d+) kB\/s: /s;
cmp_ok($rate, '>', 3 * 1024, 'without it, it writes more');
done_testing();
