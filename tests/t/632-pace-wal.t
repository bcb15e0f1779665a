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

my $update = 'UPDATE t SET x = repeat(md5(random()::text), 10) WHERE id IN (SELECT 1 + (random() * 39999)::int FROM generate_series(1, :rows))';
sub position { return ask($db, q{SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')}) }

# Bytes a second of a job without a budget.
sub free_rate {
    my $job = start($pace, url($db), {stdin => "sample\nwork 2 $update\n"});
    printed($job, qr/\n/);
    my ($from, $begin) = (position(), time());
    my ($exit, $out) = finish($job);
    return (position() - $from) / (time() - $begin);
}

# A third of what this machine can write, so that it can be used, and at most 3 MB/s.
my $free = free_rate();
my $budget = int(($free > 9 * 1048576 ? 9 * 1048576 : $free) / 3 / 1024) * 1024;
my $job = start($pace, url($db), {stdin => 'set wal ' . $budget / 1024 . "kB/s\nsample\nwork 13 $update\npress 120 $update\n"});
ok(printed($job, qr/\n/), 'a job writes');
# Others write, too, about a tenth of that, in bursts.
my $other = start(postgres('psql'), '-Xq', '-d', url($db), '-c',
    "DO \$\$ BEGIN LOOP UPDATE other SET x = repeat('y', 100) WHERE id <= random() * " . int($budget / 10000) . "; COMMIT; PERFORM pg_sleep(0.1); END LOOP; END \$\$");
my (@when, @position);
for (my ($end, $round) = (time() + 12.8, 0); time() < $end; sleep(0.1)) {
    my ($before, $position) = (time(), position());
    my $after = time();
    ask($db, 'CHECKPOINT') if ++$round == 40;
    next if $after - $before > 0.1;    # when that was, nobody knows
    push(@position, $position);
    push(@when, ($before + $after) / 2);
}
my ($exit, $out) = finish($job);
psql($db, q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'DO%LOOP%' AND pid <> pg_backend_pid()});
finish($other);

my ($worst, $least, $windows) = (0, 1e9, 0);
for my $first (0 .. $#when) {
    my ($last) = grep { $when[$_] >= $when[$first] + 10 } $first .. $#when;
    last unless defined $last;
    my $share = ($position[$last] - $position[$first]) / ($budget * ($when[$last] - $when[$first]));
    $windows++;
    $worst = $share if $share > $worst;
    $least = $share if $share < $least;
}
note(sprintf('%.0f kB/s without, %.0f kB/s are allowed; %d times ten seconds: %.3f to %.3f of it; %s', $free / 1024, $budget / 1024, $windows, $least, $worst, $out));
is($exit, 0, 'it runs through');
cmp_ok($worst, '<=', 1.1, 'no ten seconds have more than a tenth above the budget');
SKIP: {
    skip('this machine is too busy to write as much', 1) if !$windows || ($least < 0.7 && free_rate() < 2 * $budget);
    cmp_ok($least, '>=', 0.7, 'and it is used');
}
like($out, qr/\(WAL /, 'the budget is the reason that is told');
done_testing();
