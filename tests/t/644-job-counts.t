# What is counted: each call, whoever made it and when.

use strict;
use warnings;

use Stele::Faults;
use Stele::Jobs;
use Stele::Test;
use Test::More;

sub status { return {(worker_run($_[0], 'status'))[1] =~ /(\w+)=(\S*)/g} }

# As many as the provider has seen.
sub counted {
    my ($place, $what) = @_;
    my ($status, $stats) = (status($place), provider()->stats);
    is("$status->{calls} $status->{tokens}", "$stats->{requests} $stats->{tokens}", $what);
    return $status;
}

my $place = here(300, embed => 'max_inputs = 64, price = 1e6');
runs($place, 'a job');
my $status = counted($place, '... and each of its calls is counted, those of its verification, too');
is($status->{cost}, sprintf('%.4f', $status->{tokens}), '... and paid for');
psql($place->{db}, "UPDATE doc SET content = 'other text ' || id WHERE id <= 5; INSERT INTO doc VALUES (301, 'a new one')");
runs($place, 'a second run does what was changed since');
cmp_ok(counted($place, '... and counts that as well')->{calls}, '>', $status->{calls}, '... which are more');
is((worker_run($place, 'verify'))[0], 0, 'a verification') or diag($err);
$status = counted($place, '... is counted');

# Who may only look may verify all the same.
psql($place->{db}, 'CREATE ROLE looker LOGIN; GRANT USAGE ON SCHEMA stele TO looker; GRANT SELECT ON ALL TABLES IN SCHEMA stele, public TO looker');
is((run($place->{program}, url($place->{db}, 'looker'), 'job', 'verify'))[0], 0, 'one by a role that may only look');
is(status($place)->{calls}, $status->{calls}, '... is not: it may not write');

# The limit knows of all of them; a job that is done may be paused by it, and resumed.
is((worker_run($place, 'set', 'max_cost', $status->{tokens}))[0], 0, 'a limit');
psql($place->{db}, "UPDATE doc SET content = 'once more' WHERE id = 5");
runs($place, '... that is reached by all of that', 5);
like($err, qr/it has cost [\d.]+, and max_cost is/, '... pauses the job');
is((worker_run($place, 'resume'))[0], 0, '... which may go on');
is((worker_run($place, 'set', 'max_cost', '0'))[0], 0, '... without it');
runs($place, '... and does');
compared($place, 301, '... to its end');

done_testing();
