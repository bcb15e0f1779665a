# What was answered is written, whenever a worker is stopped: also behind a text that wasn't answered.

use strict;
use warnings;

use Stele::Faults;
use Stele::Jobs;
use Stele::Test;
use Test::More;
use Time::HiRes qw(sleep);

# A worker of whose requests the one with that text isn't answered; it stands there when the others are.
sub stalled {
    my ($place, $answers) = @_;
    provider()->reset(silent => 'hush');
    my $worker = start($place->{program}, $place->{conninfo}, 'job', 'run');
    for (1 .. 600) {
        last if provider()->stats->{good_inputs} >= $answers;
        sleep(0.1);
    }
    cmp_ok(provider()->stats->{good_inputs}, '>=', $answers, 'others are answered');
    return $worker;
}

my $embed = 'max_inputs = 16, timeout = "5s"';
my $place = here(2000, embed => $embed);
my $db = $place->{db};
psql($db, "UPDATE doc SET content = 'hush' WHERE id = 1");
my $worker = stalled($place, 1984);
ok(wait_for($db, 'SELECT count(*) >= 1000 FROM side'), '... and written, as many as a worker may not hold: the first one keeps none of them');
is((worker_run($place, 'pause'))[0], 0, 'a pause');
is((finish($worker))[0], 5, '... ends the worker');
my $paid = provider()->stats->{good_inputs};
is(psql($db, 'SELECT count(*) FROM side'), $paid, '... and all that was answered is written');
is(psql($db, 'SELECT sum(rows) FROM stele.chunk'), $paid, '... and counted');
provider()->control(silent => '');
is((worker_run($place, 'resume'))[0], 0, 'it goes on');
runs($place, '... to its end');
is(provider()->stats->{repeated}, 16, '... and nothing is paid for twice, but the 16 of the verification');
compared($place, 2000, '... all is right');

psql($db, "UPDATE doc SET content = CASE id WHEN 1 THEN 'hush, hush' ELSE 'changed ' || id END WHERE id <= 400");
$worker = stalled($place, 384);
kill('TERM', $worker->{pid});
is((finish($worker))[0], 130, 'a signal in the midst of what was changed since');
$paid = provider()->stats->{good_inputs};
is(psql($db, 'SELECT 400 - count(*) FROM stele.dirty'), $paid, '... and all that was answered is done');
provider()->control(silent => '');
runs($place, 'the next run');
is(provider()->stats->{repeated}, 0, '... pays for nothing twice');
compared($place, 2000, '... and does the rest');

done_testing();
