# While a job runs, somebody writes, at random and at the worst moments.

use strict;
use warnings;

use Stele::Jobs;
use Stele::Session;
use Stele::Test;
use Test::More;

for my $name (kinds()) {
    my $place = place(kind($name), rows => 3000);
    my @writers = map { writer($place, pause => 0, seed => $_) } 1 .. 2;
    my $crew = crew($place, 2);
    my @wrong = finished($crew);
    stop_writer($_) for @writers;
    is(join("\n", @wrong, right($place)), '', "$name, under two who write without a rest");
}

# ------------------------------------------------------------------ a row that was written comes again

# It is changed after it was read, before it is written; the worker that does it again dies when it has done so. It reads what it writes: were it done again, it would show.
{
    my $place = place(kind('map'), rows => 20);
    my $db = $place->{db};
    my $its = "datname = '$db' AND application_name LIKE 'stele%'";
    ask($db, "BEGIN; UPDATE doc SET content = 'other' WHERE id = 5");
    my $worker = start($place->{program}, $place->{conninfo}, 'map', 'run');
    ok(wait_for('postgres', "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE $its AND wait_event_type = 'Lock')"), 'somebody changes a row that was read, and is to be written');
    psql($db, q{CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(600); RETURN NULL; END $$;
        CREATE TRIGGER slow AFTER DELETE ON stele.dirty FOR EACH ROW EXECUTE FUNCTION slow()});
    ask($db, 'COMMIT');
    ok(wait_for('postgres', "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE $its AND wait_event = 'PgSleep')"), '... and it is done again');
    kill('KILL', -$worker->{pid});
    finish($worker);
    psql('postgres', "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '$db'");
    hang_up();
    psql($db, 'DROP TRIGGER slow ON stele.dirty');
    is(join("\n", right($place)), '', '... by a worker that dies of it: and once only');
}

# ------------------------------------------------------------------ TRUNCATE

for my $name ('side', 'column') {
    my $place = place(kind($name), rows => 3000, pace => 'nice = 3');
    my $crew = crew($place, 2);
    begun($place);
    psql($place->{db}, "TRUNCATE doc; INSERT INTO doc SELECT i, 'after ' || i FROM generate_series(2000, 2500) AS i");
    is(join("\n", finished($crew), right($place)), '', "TRUNCATE in the midst of $name");
    is(psql($place->{db}, 'SELECT count(*) FROM ' . ($name eq 'side' ? 'side' : 'doc')), 501, '... and nothing of what was there is left');
}

done_testing();
