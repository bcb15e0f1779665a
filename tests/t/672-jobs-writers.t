# While a job runs, somebody writes, at random and at the worst moments.

use strict;
use warnings;

use Stele::Jobs;
use Stele::Session;
use Stele::Test;
use Test::More;
use Time::HiRes qw(sleep);

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

# The same while it waits for the provider; and it ends when it is asked to, whatever that does. Begun anew, with all rows done, the job calls the provider for its verification only.
{
    my $place = place(kind('side'), rows => 20);
    my $db = $place->{db};
    my $begun = sub {
        provider()->reset(latency => $_[0]);
        my $worker = start($place->{program}, $place->{conninfo}, 'side', 'run');
        for (1 .. 1200) {
            last if provider()->stats->{requests};
            sleep(0.1);
        }
        ok(provider()->stats->{requests}, 'a verification asks the provider');
        return $worker;
    };
    is((worker_run($place, 'run'))[0], 0, 'a job');
    is((worker_run($place, 'cancel'))[0], 0, '... is cancelled, to be begun anew');
    my $worker = $begun->(3_600_000);
    my ($heard, $lease) = split(/\|/, psql($db, 'SELECT w.heartbeat, c.lease_until FROM stele.worker AS w, stele.chunk AS c WHERE c.kind = 4'));
    ok(wait_for($db, "SELECT w.heartbeat > '$heard' AND c.lease_until > '$lease' FROM stele.worker AS w, stele.chunk AS c WHERE c.kind = 4"), '... its worker is heard of while it waits, and makes its lease longer');
    is((worker_run($place, 'pause'))[0], 0, '... a pause');
    my ($exit, $out, $err) = finish($worker);
    is($exit, 5, '... ends it') or diag($out, $err);
    is((worker_run($place, 'resume'))[0], 0, '... resumed');
    $worker = $begun->(3_600_000);
    kill('TERM', $worker->{pid});
    ($exit, $out, $err) = finish($worker);
    is($exit, 130, '... so does a signal') or diag($out, $err);
    is(psql($db, 'SELECT j.state, j.desired, c.state FROM stele.job AS j, stele.chunk AS c WHERE c.kind = 4'), 'verify|run|0', '... which leaves it to others');

    # One that was thought dead, and wasn't, has nothing to say any more.
    $worker = $begun->(1000);
    my $calls = psql($db, 'UPDATE stele.chunk SET epoch = epoch + 1, worker = NULL WHERE kind = 4; SELECT calls FROM stele.job');
    ok(wait_for($db, "SELECT calls >= $calls + 9 FROM stele.job"), 'a worker verifies to the end, and another one has taken that over');
    my $now = psql($db, 'SELECT clock_timestamp()');
    ok(wait_for($db, "SELECT coalesce(bool_and(heartbeat > timestamptz '$now' + interval '2 s'), true) FROM stele.worker"), '... it goes on');
    is(psql($db, 'SELECT state FROM stele.job'), 'verify', '... but the job stays where it is');
    provider()->reset;
    psql($db, 'UPDATE stele.chunk SET lease_until = now() WHERE kind = 4');
    is((finish($worker))[0], 0, '... until it was verified by whose turn it is');
    is(psql($db, 'SELECT state FROM stele.job'), 'done', '... then it is done');
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
