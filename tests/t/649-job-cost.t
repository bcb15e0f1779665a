# What a job may cost: no request is sent that may cost more than is left, whoever sends it.

use strict;
use warnings;

use Stele::Faults;
use Stele::Jobs;
use Stele::Test;
use Test::More;

# Each token costs 1. What the provider counted is what was paid for.
sub paid { return provider()->stats->{tokens} }

sub priced {
    my ($rows, $most, @more) = @_;
    return here($rows, embed => join(', ', 'max_inputs = 16, price = 1e6', @more), pace => "lease = '2s', max_cost = $most");
}

my $place = priced(2000, 600);
runs($place, 'a job that costs more than it may', 5);
like($err, qr/^the job "job" is paused: it has cost \d+, the next request may cost [\d.]+, and max_cost is 600$/m, '... is paused, and says so');
cmp_ok(paid(), '<=', 600, '... before it does');
cmp_ok(paid(), '>', 500, '... but uses what there is');
my $paid = paid();
is((worker_run($place, 'resume'))[0], 0, 'resumed');
runs($place, '... it is paused again', 5);
is(paid(), $paid, '... and costs no more');
is((worker_run($place, 'resume'))[0] + (worker_run($place, 'set', 'max_cost', '1e6'))[0], 0, 'with more');
runs($place, '... it is done');
compared($place, 2000, '... with all of its rows');

$place = priced(20, 2);
psql($place->{db}, "UPDATE doc SET content = 'this is a text of more than two tokens, whoever counts them'");
runs($place, 'what costs more than all there is', 5);
is(paid(), 0, '... is never sent');

# What was changed since the load is done within the same limit.
$place = priced(200, 2000);
runs($place, 'a job');
$paid = paid();
psql($place->{db}, "UPDATE doc SET content = repeat('another text ', 10) || id");
is((worker_run($place, 'set', 'max_cost', $paid + 1000))[0], 0, 'a limit');
runs($place, '... that what was changed would pass', 5);
cmp_ok(paid(), '<=', $paid + 1000, '... pauses it before');
cmp_ok(paid(), '>', $paid, '... on its way');

# Of several workers each has a share, and none sends what another one has laid claim to.
$place = priced(3000, 900);
provider()->control(latency => 10);
my @workers = map { start($place->{program}, $place->{conninfo}, 'job', 'run') } 1 .. 3;
is(join(' ', map { (finish($_))[0] } @workers), '5 5 5', 'three workers');
cmp_ok(paid(), '<=', 900, '... together cost no more than they may');
cmp_ok(paid(), '>', 450, '... but most of it');

# What a worker that was killed may have used isn't used by another one.
$place = priced(3000, 1500);
provider()->control(latency => 300);
my $worker = start($place->{program}, $place->{conninfo}, 'job', 'run');
ok(wait_for($place->{db}, "SELECT to_regclass('stele.worker') IS NOT NULL") && wait_for($place->{db}, 'SELECT count(*) = 1 FROM stele.worker WHERE calls > 4'), 'a worker that is killed');
kill('KILL', -$worker->{pid});
finish($worker);
provider()->control(latency => 0);
runs($place, '... has spent what nobody knows of', 5);
cmp_ok(paid(), '<=', 1500, '... which is no more than all may cost');

done_testing();
