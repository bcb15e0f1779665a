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

# ------------------------------------------------------------------ a verification that lasts

# Its worker is heard of meanwhile, and keeps its lease: no other one begins it, too.
{
    my $kind = kind('side');
    $kind->{lua} =~ s/return \{/return { verify = { zero = { "SELECT 0 FROM hold(1)", "SELECT 0 FROM hold(2)" } },/;
    my $place = place($kind, rows => 20);
    my $db = $place->{db};
    psql($db, q{CREATE FUNCTION hold(n int) RETURNS int LANGUAGE sql AS 'SELECT 1 FROM pg_advisory_xact_lock(7, n)'});
    my @holders = map { start(postgres('psql'), '-Xq', '-d', url($db), {env => {PGAPPNAME => "holder $_"}, stdin => "SELECT pg_advisory_lock(7, $_); SELECT pg_sleep(600);"}) } 1, 2;
    my $waits = sub { wait_for($db, "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = 7 AND objid = $_[0] AND NOT granted)") };
    my $seen = q{SELECT w.heartbeat, c.lease_until FROM stele.worker AS w, stele.chunk AS c WHERE c.kind = 4};
    ok(wait_for($db, q{SELECT count(*) = 2 FROM pg_locks WHERE locktype = 'advisory' AND classid = 7 AND granted}), 'two checks of a verification are held up');
    my $worker = start($place->{program}, $place->{conninfo}, 'side', 'run');
    ok($waits->(1), '... the first');
    my $before = psql($db, $seen);
    ok(wait_for($db, 'SELECT heartbeat < clock_timestamp() - interval $$1 s$$ FROM stele.worker'), '... for a second');
    psql($db, q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'holder 1'});
    ok($waits->(2), '... then the second');
    isnt(psql($db, $seen), $before, '... and in between its worker was heard of');
    is(psql($db, 'SELECT w.heartbeat > j.moved AND c.lease_until > w.heartbeat FROM stele.worker AS w, stele.chunk AS c, stele.job AS j WHERE c.kind = 4'), 't', '... and made its lease longer');
    psql($db, q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'holder 2'});
    is((finish($worker))[0], 0, '... and comes to its end');
    finish($_) for @holders;
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
