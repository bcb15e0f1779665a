# What may be wrong with a provider as a whole: it is found, told, and harms nothing.

use strict;
use warnings;

use Stele::Faults;
use Stele::Jobs;
use Stele::Test;
use Test::More;

my ($place, $stats);

# ------------------------------------------------------------------ the provider as a whole

$place = here(2000);
provider()->control(status => 429, times => 7, retry_after => 0);
runs($place, 'a storm of 429');
compared($place, 2000, '... passes');
is((worker_run($place, 'dead'))[1], '', '... charged to nobody');
$stats = provider()->stats;
is("$stats->{repeated} $stats->{good_inputs}", '16 2016', '... no batch was split, and nothing is paid for twice, but the 16 of the verification') or diag(join(' ', %{$stats}));

$place = here(300);
psql($place->{db}, "UPDATE doc SET content = repeat('long ', 500) WHERE id IN (3, 200)");
provider()->control(longest => 1000);
runs($place, 'texts that are too long');
is((worker_run($place, 'dead'))[1] =~ s/\|[^|\n]*$//mgr, "dead 3|embed|too-long\ndead 200|embed|too-long\n", '... are dead');
compared($place, 298, '... and the others right');
$place = here(300, embed => 'max_inputs = 64, max_input_tokens = 100, too_long = "clip"');
psql($place->{db}, "UPDATE doc SET content = repeat('long ', 500) WHERE id IN (3, 200)");
provider()->control(longest => 1000);
runs($place, '... or clipped');
is(psql($place->{db}, 'SELECT count(embedding) FROM side'), 300, '... and all have a vector');

for my $wrong (qw(short duplicate dimension nan zero constant)) {
    $place = here(300);
    provider()->control(wrong => $wrong, wrong_times => 3);
    runs($place, "three answers that are wrong, \"$wrong\"");
    compared($place, 300, '... pass');
}
for my $wrong (qw(nan constant)) {
    $place = here(300);
    provider()->control(wrong => $wrong, wrong_times => -1);
    ($exit, $out, $err) = run($place->{program}, $place->{conninfo}, 'job', 'run', {timeout => 10});
    isnt($exit, 0, "nothing but answers that are wrong, \"$wrong\"");
    unlike($out, qr/state=(?:done|ready)/, '... are never taken for right');
    like($err, qr/different texts have the same vector, such as those of \(\d+\) and \(\d+\)$/m, '... and two rows are named') if $wrong eq 'constant';
    is(psql($place->{db}, 'SELECT count(*) FROM side'), 0, '... nor written');
}
$place = here(300);
provider()->control(degrade_above => 8);
runs($place, 'vectors that are worse with more texts in a request', 9);
like($err, qr/canary/, '... are found by the verification');
$place = here(300);
provider()->control(wrong => 'order', wrong_times => -1);
runs($place, 'answers in another order');
compared($place, 300, '... are put in order');

done_testing();
