# COPY of a first load: no memory for its data, a table that doesn't keep all of it, and one that takes nothing but COPY.

use strict;
use warnings;

use Stele::Faults;
use Stele::Jobs;
use Stele::Starved;
use Stele::Test;
use Test::More;

my $place;

# Of the connection's library, which takes the data a piece at a time, every request for as much as that fails.
SKIP: {
    my ($preload, $why) = preloadable('failing_malloc');
    skip($why, 6) unless $preload;
    $place = here(3000, pace => 'write = "10s"', embed => 'max_inputs = 256');
    ($exit, $out, $err) = starve(0, $place->{program}, $place->{conninfo}, 'job', 'run',
        {timeout => 60, env => {LD_PRELOAD => $preload, FAILING_MALLOC_OF => 'libpq', FAILING_MALLOC_SIZE => 20_000}});
    is($exit, 5, 'without memory for the data of a COPY the job is paused') or diag($err . $out);
    like($out, qr/^reason=a write failed: out of memory$/m, '... and says so');
    is(psql($place->{db}, "SELECT count(*) FROM pg_stat_activity WHERE datname = '$place->{db}' AND application_name LIKE 'stele%'"), '0', '... and leaves no transaction open');
    is((worker_run($place, 'resume'))[0], 0, 'with memory');
    runs($place, '... it goes on');
    compared($place, 3000, '... all is right');
}

# What a trigger keeps out COPY counts, and INSERT names.
$place = here(1000);
psql($place->{db}, "CREATE FUNCTION keep_out() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF NEW.id % 250 = 0 THEN RETURN NULL; END IF; RETURN NEW; END';
    CREATE TRIGGER keep_out BEFORE INSERT ON side FOR EACH ROW EXECUTE FUNCTION keep_out()");
runs($place, 'with a trigger that keeps some rows out');
like($out, qr/^state=done paused=0 rows=996 dead=4 dirty=0 /m, '... these are given up, and nothing else');
is(psql($place->{db}, 'SELECT string_agg(key[1], $$ $$ ORDER BY key[1]::int) FROM stele.dead WHERE stage = $$write$$ AND message LIKE $$%trigger or a rule of side keeps%$$'), '250 500 750 1000', '... with the reason');
provider()->reset;
runs($place, 'the next run');
is(psql($place->{db}, 'SELECT sum(again) FROM stele.chunk'), '0', '... tries none of them again');
compared($place, 996, '... the others are right');

# What is changed behind the load is inserted.
$place = here(50);
psql($place->{db}, 'ALTER TABLE side ALTER id ADD GENERATED ALWAYS AS IDENTITY');
runs($place, 'a key that is an identity column');
psql($place->{db}, "UPDATE doc SET content = 'changed' WHERE id = 7");
runs($place, '... takes what was changed as well');
compared($place, 50, '... all is right');

$place = here(50);
psql($place->{db}, 'CREATE RULE elsewhere AS ON INSERT TO side DO INSTEAD NOTHING');
runs($place, 'a table with a rule that INSERT follows and COPY does not is refused', 9);
like($err, qr/in `into`: cannot perform INSERT RETURNING on relation "side"/, '... with the reason');
is(provider()->stats->{good_inputs}, 0, '... before anything is paid for');

done_testing();
