#!/usr/bin/perl
# Several workers of one job share one budget of WAL: together they write what one of them may, and each has some of it. Who comes and who dies is counted, long before its lease is over.

use strict;
use warnings;

use Stele::Jobs;
use Stele::Session;
use Stele::Test;
use Test::More;
use Time::HiRes qw(sleep time);

server('-c', 'full_page_writes=on', '-c', 'autovacuum=off');

use constant BUDGET => 500 * 1024;

my $place = place(kind('map', lua => "return { table = 'doc', key = 'id', read = { 'n', 'content' }, map = function(row) return { n = row.n + 1 } end, pace = { wal = '500kB/s', chunk = 500, lag = '0s' } }\n"),
    rows => 60000);
my $db = $place->{db};
psql($db, q{UPDATE doc SET content = repeat('x', 300) || id; VACUUM doc; CHECKPOINT});

# The driver has a script of its own; it only looks.
my $jobs = application('jobs', migrations({'001_nothing.sql' => "CREATE TABLE IF NOT EXISTS nothing ();\n"}));

sub writers {
    my ($exit, $out, $err) = run($jobs, url($db), 'name=map', 'writers');
    return $exit ? "$out$err" : $out;
}

sub writers_are {
    my ($pattern) = @_;
    my $last = '';
    for (my $end = time() + 60; time() < $end; sleep(0.1)) {
        return 1 if ($last = writers()) =~ $pattern;
    }
    diag("last: $last");
    return 0;
}

# By the server's clock: where WAL is, for so long; and what share of the budget that was.
sub watch {
    my ($seconds) = @_;
    my ($first, $last);
    do {
        sleep(0.1);
        $last = [split(/\|/, ask($db, q{SELECT extract(epoch FROM clock_timestamp()), pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')}))];
        $first //= $last;
    } while $last->[0] < $first->[0] + $seconds;
    return ($last->[1] - $first->[1]) / ($last->[0] - $first->[0]) / BUDGET;
}

my $crew = crew($place, 1);
begun($place);
ok(writers_are(qr/^writers=1 workers=1$/), 'one is at work');
my $one = watch(5);

push(@{$crew->{workers}}, @{crew($place, 2)->{workers}});
ok(writers_are(qr/^writers=3 workers=3$/), 'two more come, and are counted');
my $rows = 'SELECT string_agg(rows::text, \' \' ORDER BY id) FROM stele.worker';
my @before = split(' ', psql($db, $rows));
my $three = watch(10);
my @after = split(' ', psql($db, $rows));
note(sprintf('one: %.3f of the budget; three: %.3f; rows: %s', $one, $three, join(', ', map { $after[$_] - $before[$_] } 0 .. 2)));
cmp_ok($three, '<=', 1.1, 'together they keep to it');
cmp_ok($three, '>=', $one / 3, 'and use it');
is(scalar(grep { $after[$_] > $before[$_] } 0 .. 2), 3, 'each of them');

kill('KILL', -$_->{pid}) for @{$crew->{workers}}[1, 2];
ok(writers_are(qr/^writers=1 workers=3$/), 'two that died are no more counted as writing, though their leases run');
is(psql($db, 'SELECT count(DISTINCT worker) FROM stele.chunk WHERE state = 1 AND lease_until > clock_timestamp()'), '3', 'and nobody has taken their chunks');
stop_crew($crew);
done_testing();
