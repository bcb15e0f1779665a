#!/usr/bin/perl
# A step outside a transaction goes on in the server when its client is killed, directly and behind PgBouncer. Whoever comes next
# waits, and says for whom; or ends it. Nothing is stranded in the pool.

use strict;
use warnings;

use Stele::Pooler;
use Stele::Test;
use Test::More;
use Time::HiRes qw(sleep time);

my %files = (
    '001_a.sql' => "CREATE TABLE a (x int);\n",
    '002_b.sql' => "CREATE TABLE b (x int);\nCREATE INDEX CONCURRENTLY ai ON a (x);\nCREATE TABLE c (x int);\n",
    '003_d.sql' => "CREATE TABLE d (x int);\n",
);
my $program = program(migrations({%files}));
my $first = program(migrations({'001_a.sql' => $files{'001_a.sql'}}));
my $building = q{SELECT count(*) > 0 FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%CREATE INDEX CONCURRENTLY ai%' AND pid <> pg_backend_pid()};
my $valid = q{SELECT coalesce((SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('ai')), false)};

# A database with the table, and somebody who writes it: a build has to wait for that.
sub held {
    my $db = fresh_database();
    stele($first, $db, 'up');
    my $writer = start(postgres('psql'), '-Xq', '-d', url($db), '-c', 'BEGIN; INSERT INTO a VALUES (1); SELECT pg_sleep(300)');
    ok(wait_for($db, q{SELECT count(*) > 0 FROM pg_locks WHERE relation = 'a'::regclass AND mode = 'RowExclusiveLock' AND granted}), 'somebody writes');
    return ($db, $writer);
}

sub let_go {
    my ($db, $writer) = @_;
    psql($db, q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()});
    finish($writer);
    return;
}

sub no_locks {
    my ($name) = @_;
    return is(psql('postgres', q{SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'}), '0', "$name: no lock stays behind");
}

sub is_whole {
    my ($name, $db) = @_;
    is(psql($db, $valid), 't', "$name: the index is valid");
    is(psql($db, q{SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace}), 'a ai b c d', "$name: all is there");
    is(psql($db, q{SELECT count(*), count(DISTINCT version) FROM stele.ledger WHERE action = 'apply'}), '3|3', "$name: each is applied once");
    is((stele($program, $db, 'audit'))[0], 0, "$name: the ledger is sound");
    return;
}

# Each way to the database: a name, and what --db takes.
my @ways = (['directly', \&url]);
my $pool;
for my $version (poolers()) {
    my $pooler = pooler($version, {default_pool_size => 3});
    push(@ways, ["through PgBouncer $version", sub { "$pooler->{conninfo} dbname=$_[0]" }]) if $pooler;
}
note('without a pooler: there is no pgbouncer here') if @ways == 1;

for my $way (@ways) {
    my ($how, $to) = @{$way};
    my ($exit, $out, $err);

    # The client is killed, the server builds on.
    my ($db, $writer) = held();
    my $up = start($program, 'up', '--db', $to->($db));
    ok(wait_for($db, $building), "$how: the index is being built");
    like(psql($db, q{SELECT reason FROM stele.ledger WHERE action = 'begin'}),
        $how eq 'directly' ? qr/^process \d+ since 2\d\d\d-[^,]+\+00, system \d+, database \d+, mark [0-9a-f]{16}$/
                           : qr/^through a pooler, system \d+, database \d+, mark [0-9a-f]{16}$/, "$how: the ledger says who does it");
    kill('KILL', $up->{pid});
    finish($up);
    ($exit, $out, $err) = run($program, 'up', '--db', $to->($db), '--lock-wait', '1');
    # PgBouncer may have ended the build with the client that was killed: then there is nobody to wait for.
    my $went_on = psql($db, $building) eq 't';
    if ($went_on) {
        is($exit, 4, "$how: while the server builds on, the next one waits");
        like($err, qr/error: step 2 of "002_b\.sql", which was begun before, is still being run\ndetail: by process \d+, .*running: CREATE INDEX CONCURRENTLY ai/,
            "$how: and says for whom");
        for my $command (['repair', 'done', '002', '--reason', 'x'], ['down', '--allow-destructive']) {
            is((run($program, @{$command}, '--db', $to->($db), '--lock-wait', '0'))[0], 4, "$how: so does $command->[0]");
        }
    }
    let_go($db, $writer);
    ok(wait_for($db, "SELECT NOT ($building)"), "$how: the build is over");
    ($exit, $out, $err) = run($program, 'up', '--db', $to->($db));
    is("$exit$err", '0', "$how: then up goes on") or diag($out);
    is_whole($how, $db);
    no_locks($how);

    # The same, and who comes next doesn't want to wait.
    ($db, $writer) = held();
    $up = start($program, 'up', '--db', $to->($db));
    ok(wait_for($db, $building), "$how: the index is being built again");
    kill('KILL', $up->{pid});
    finish($up);
    my $next = start($program, 'up', '--terminate', '--db', $to->($db));
    ok(wait_for($db, "SELECT count(*) = 2 FROM stele.ledger WHERE action = 'begin'"), "$how: --terminate ends it, and begins anew");
    let_go($db, $writer);
    ($exit, $out, $err) = finish($next);
    is($exit, 0, "$how: and completes") or diag($out, $err);
    is_whole("$how, --terminate", $db);
    no_locks("$how, --terminate");

    # Interrupted: a cancellation finds its way through a pooler, too.
    ($db, $writer) = held();
    $up = start($program, 'up', '--db', $to->($db));
    ok(wait_for($db, $building), "$how: the index is being built once more");
    kill('INT', $up->{pid});
    ($exit, $out, $err) = finish($up);
    is($exit, 130, "$how: SIGINT cancels the build") or diag($out, $err);
    is(psql($db, $building), 'f', "$how: it is not at work any more");
    is(psql($db, q{SELECT action FROM stele.ledger ORDER BY seq DESC LIMIT 1}), 'fail', "$how: which the ledger says");
    let_go($db, $writer);
    no_locks("$how, interrupted");
    is((run($program, 'up', '--db', $to->($db)))[0], 0, "$how: the next up completes");
    is_whole("$how, interrupted", $db);

    # Many at once.
    $db = fresh_database();
    my @running = map { start($program, 'up', '--db', $to->($db)) } 1 .. 12;
    my @bad = grep { $_->[0] } map { [finish($_)] } @running;
    is(scalar(@bad), 0, "$how: of twelve at once, all exit 0") or diag(map { $_->[2] } @bad);
    is_whole("$how, twelve at once", $db);
    no_locks("$how, twelve at once");
}

# A pool of one connection: there is none for the lock. It is slower, and right.
for my $version ((poolers())[0 .. 0]) {
    my $pooler = defined $version ? pooler($version, {default_pool_size => 1}) : undef;
    last unless $pooler;
    my $db = fresh_database();
    my ($exit, $out, $err) = run($program, 'up', '--db', "$pooler->{conninfo} dbname=$db");
    is("$exit$err", '0', 'with a pool of one, up completes') or diag($out);
    is_whole('a pool of one', $db);
    like(psql($db, q{SELECT reason FROM stele.ledger WHERE action = 'begin'}), qr/, unguarded$/, 'and the ledger says that nothing guarded it');
    no_locks('a pool of one');
}

# Behind a pooler, under another login, which may not see the first one's statement.
for my $version ((reverse poolers())[0 .. 0]) {
    my $pooler = defined $version ? pooler($version, {default_pool_size => 3, users => ['first_login', 'second_login']}) : undef;
    last unless $pooler;
    my $works = program(migrations({'001_a.sql' => $files{'001_a.sql'},
        '002_b.sql' => "-- stele: no-transaction\n-- stele: idempotent\nCREATE PROCEDURE work() LANGUAGE plpgsql AS 'BEGIN INSERT INTO a VALUES (1); COMMIT; PERFORM pg_sleep(300); END';\nCALL work();\n"}));
    my $db = fresh_database();
    psql($db, "CREATE ROLE first_login LOGIN; CREATE ROLE second_login LOGIN; CREATE ROLE owners; GRANT owners TO first_login, second_login;"
        . " GRANT ALL ON DATABASE $db TO owners; GRANT ALL ON SCHEMA public TO owners; ALTER ROLE first_login SET role = 'owners'; ALTER ROLE second_login SET role = 'owners'");
    my $up = start($works, 'up', '--db', "$pooler->{conninfo} user=first_login dbname=$db");
    my $sleeps = q{SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()};
    ok(wait_for($db, $sleeps), 'one login is at work');
    kill('KILL', $up->{pid});
    finish($up);
    SKIP: {
        skip("PgBouncer $version ends it with its client", 2) if psql($db, $sleeps) ne 't';
        my ($exit, $out, $err) = run($works, 'up', '--lock-wait', '1', '--db', "$pooler->{conninfo} user=second_login dbname=$db");
        is($exit, 4, 'another login sees that the step is still being run') or diag($out, $err);
        is(psql($db, 'SELECT count(*) FROM a'), '1', 'and does not begin it');
    }
    psql($db, q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()});
    psql('postgres', q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename ~ '_login$'});
}

# A copy of the database: nobody is at it there.
{
    my ($db, $writer) = held();
    my $up = start($program, 'up', '--db', url($db));
    ok(wait_for($db, $building), 'the index is being built');
    kill('KILL', $up->{pid});
    finish($up);
    my $dump = (run(postgres('pg_dump'), '-d', url($db)))[1];
    my $copy = fresh_database();
    run(postgres('psql'), '-Xq', '-d', url($copy), {stdin => $dump});
    my ($exit, $out, $err) = stele($program, $copy, 'up', '--lock-wait', '0');
    is("$exit$err", '0', 'a restored copy goes on at once') or diag($out);
    is_whole('a copy', $copy);
    let_go($db, $writer);
    ok(wait_for($db, "SELECT NOT ($building)"), 'the build is over');
}

done_testing();
