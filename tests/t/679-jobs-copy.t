# COPY of a first load: no memory for its data.

use strict;
use warnings;

use Stele::Faults;
use Stele::Jobs;
use Stele::Starved;
use Stele::Test;
use Test::More;

# Of the connection's library, which takes the data a piece at a time, every request for as much as that fails.
my $place = here(3000, pace => 'write = "10s"', embed => 'max_inputs = 256');
($exit, $out, $err) = starve(0, $place->{program}, $place->{conninfo}, 'job', 'run',
    {timeout => 60, env => {LD_PRELOAD => preload(), FAILING_MALLOC_OF => 'libpq', FAILING_MALLOC_SIZE => 20_000}});
is($exit, 5, 'without memory for the data of a COPY the job is paused') or diag($err . $out);
like($out, qr/^reason=a write failed: out of memory$/m, '... and says so');
is(psql($place->{db}, "SELECT count(*) FROM pg_stat_activity WHERE datname = '$place->{db}' AND application_name LIKE 'stele%'"), '0', '... and leaves no transaction open');
is((worker_run($place, 'resume'))[0], 0, 'with memory');
runs($place, '... it goes on');
compared($place, 3000, '... all is right');

done_testing();
