#!/usr/bin/perl
# A way back that fails, is killed, loses its connection, or meets another process: what is left is told by the
# ledger, and the next down goes on from there.

use strict;
use warnings;

use Stele::Ledger;
use Stele::Test;
use Test::More;
use Time::HiRes qw(sleep time);

my ($exit, $out, $err);

# What the ledger says since that row.
sub story { return psql($_[0], "SELECT string_agg(version || ' ' || action || coalesce(' ' || step, ''), ', ' ORDER BY seq) FROM stele.ledger WHERE seq > $_[1]") }

# ------------------------------------------------------------ in a transaction

my $program = program(migrations({
    '001_a.sql' => "CREATE TABLE a (x int);\n-- stele: down\nDROP TABLE a;\n",
    '002_b.sql' => "CREATE TABLE b (x int);\n-- stele: down\nDROP TABLE b;\n-- comes too late\nSELECT nonesuch\n  FROM a;\n",
    '003_c.sql' => "CREATE TABLE c (x int);\n-- stele: down\nDROP TABLE c;\n",
}));
my $db = fresh_database();
stele($program, $db, 'up');
my $before = pg_dump_schema($db);
($exit, $out, $err) = stele($program, $db, 'down', '--all');
is($exit, 1, 'a statement of the way back fails');
like($err, qr{^\S+/002_b\.sql:5:8: error: column "nonesuch" does not exist \[42703\]\n    5 \| SELECT nonesuch\n      \|        \^\n}m, 'at its place');
like($err, qr/before that, 1 migration was taken back; that stays\nhead r1:[0-9a-f]{64}\n/, 'the ones before it stay back');
is(story($db, 3), '003 revert', 'as the ledger says');
is(psql($db, q{SELECT to_regclass('b') IS NOT NULL, to_regclass('c') IS NULL}), 't|t', 'and of the failed one nothing happened');
is((stele($program, $db, 'up'))[0], 0, 'up goes forward again');
is(pg_dump_schema($db), $before, 'to where it was');
my @events = json_lines((stele($program, $db, 'down', '-2', '--json'))[1]);
is_deeply([@{$events[-1]}{qw(status reverted pending version)}], [1, 1, 1, '002'], 'as JSON');

# A constraint that is checked at the commit.
my $deferred = program(migrations({
    '001_a.sql' => "CREATE TABLE a (x int PRIMARY KEY);\nINSERT INTO a VALUES (1);\nCREATE TABLE b (x int REFERENCES a DEFERRABLE INITIALLY DEFERRED);\nINSERT INTO b VALUES (1);\n-- stele: down\nDELETE FROM a;\n",
}));
$db = fresh_database();
stele($deferred, $db, 'up');
($exit, $out, $err) = stele($deferred, $db, 'down', '--allow-destructive');
is($exit, 1, 'a deferred check fails the commit of a way back');
like($err, qr/001_a\.sql:6:1: error: .*\[23503\]/, 'at its last statement');
is((stele($deferred, $db, 'check'))[0], 0, 'and nothing happened');

# ---------------------------------------------------------------- several steps

my %steps = (
    '001_t.sql' => "CREATE TABLE t (x int);\n-- stele: down\nDROP TABLE t;\n",
    '002_s.sql' => <<'SQL',
ALTER TABLE t ADD COLUMN y int;
CREATE INDEX CONCURRENTLY t_y ON t (y);
CREATE INDEX CONCURRENTLY t_x ON t (x);
-- stele: down
CREATE TABLE on_the_way (x int);
DROP INDEX CONCURRENTLY t_y;
SELECT 1 / (SELECT count(*) FROM t)::int;
ALTER TABLE t DROP COLUMN y;
DROP INDEX CONCURRENTLY t_x;
DROP TABLE on_the_way;
SQL
    '003_u.sql' => "CREATE TABLE u (x int);\n-- stele: down\nDROP TABLE u;\n",
);
my $stepwise = program(migrations(\%steps));
$db = fresh_database();
stele($stepwise, $db, 'up');
$before = psql($db, 'SELECT seq FROM stele.anchor');
($exit, $out, $err) = stele($stepwise, $db, 'down', '1');
is($exit, 1, 'a step of the way back fails');
like($err, qr{/002_s\.sql:7:1: error: division by zero \[22012\]\n}, 'at its place');
like($err, qr/2 of 5 steps of the way back of "002_s\.sql" are in; the next down goes on with step 3/, 'and what is left is told');
is(story($db, $before), '003 revert, 002 down-step 1, 002 down-begin 2, 002 down-step 2', 'the ledger has it');
like((stele($stepwise, $db, 'status'))[1], qr/^  interrupted 002_s\.sql +2 of 5 steps are taken back$/m, 'status has it');
my ($standing) = grep { $_->{version} eq '002' } grep { $_->{event} eq 'migration' } json_lines((stele($stepwise, $db, 'status', '--json'))[1]);
is_deeply([@{$standing}{qw(standing way step steps)}], ['interrupted', 'down', 2, 5], 'as JSON, too');
is((stele($stepwise, $db, 'check'))[0], 5, 'check says pending, by the one row that it reads');
($exit, $out, $err) = stele($stepwise, $db, 'up');
is($exit, 1, 'up refuses');
like($err, qr/"002_s\.sql" is half taken back: 2 of 5 steps of its down section are done\nhint: go on with down/, 'and says how to go on');
is((stele($stepwise, $db, 'audit'))[0], 0, 'the audit finds nothing wrong');
like((stele($stepwise, $db, 'audit'))[1], qr/002_s\.sql is half taken back: 2 of 5 steps/, 'but tells');
($exit, $out, $err) = stele($stepwise, $db, 'down');
is($exit, 1, 'the next down fails at the same step');
like($err, qr/2 of 5 steps of the way back/, 'and nothing ran twice');
psql($db, 'INSERT INTO t VALUES (1)');
($exit, $out, $err) = stele($stepwise, $db, 'down');
is("$exit$err", '0', 'put right, it goes on') or diag($out);
is(story($db, $before + 4), '002 down-step 3, 002 down-begin 4, 002 down-step 4, 002 down-step 5, 002 revert', 'from there');
is(psql($db, q{SELECT to_regclass('on_the_way') IS NULL, to_regclass('t_x') IS NULL, (SELECT count(*) FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'y' AND NOT attisdropped)}), 't|t|0', 'to the end');
is((stele($stepwise, $db, 'up'))[0], 0, 'up goes forward again');
is((stele($stepwise, $db, 'audit'))[0], 0, 'the audit agrees');

# A statement by itself that fails says so in the ledger.
my $alone = program(migrations({'001_a.sql' => "CREATE TABLE a (x int);\n-- stele: down\nDROP INDEX CONCURRENTLY nonesuch;\nDROP TABLE a;\n"}));
$db = fresh_database();
stele($alone, $db, 'up');
for my $try (1, 2) {
    ($exit, $out, $err) = stele($alone, $db, 'down');
    is($exit, 1, "a statement outside a transaction fails, try $try");
    like($err, qr/001_a\.sql:3:\d+: error: .*"nonesuch" does not exist \[42704\]/, 'at its place');
}
is(story($db, 1), '001 down-begin 1, 001 down-fail 1, 001 down-begin 1, 001 down-fail 1', 'and each try is in the ledger');
is(psql($db, q{SELECT reason FROM stele.ledger WHERE seq = 3}), 'index "nonesuch" does not exist', 'with its reason');
psql($db, 'CREATE INDEX nonesuch ON a (x)');
is((stele($alone, $db, 'down'))[0], 0, 'when it can, it goes on');

# ----------------------------------------------------------------- killed

# A writer keeps the drop waiting; the client is killed; the server goes on and finishes.
my $waits = program(migrations({
    '001_t.sql' => "CREATE TABLE t (x int);\nCREATE INDEX ti ON t (x);\n-- stele: down\nCREATE TABLE first_step ();\nDROP INDEX CONCURRENTLY ti;\nDROP TABLE t, first_step;\n",
}));
sub writer {
    my ($database) = @_;
    my $other = start(postgres('psql'), '-Xq', '-d', url($database), '-c', 'BEGIN; INSERT INTO t VALUES (1); SELECT pg_sleep(60)');
    ok(wait_for($database, q{SELECT count(*) > 0 FROM pg_locks WHERE relation = 't'::regclass AND mode = 'RowExclusiveLock' AND granted}), 'somebody writes');
    return $other;
}
sub stop_writer {
    my ($database, $other) = @_;
    psql($database, q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()});
    finish($other);
    return;
}
my $dropping = q{SELECT count(*) > 0 FROM pg_stat_activity WHERE query LIKE 'DROP INDEX%' AND state = 'active'};
for my $case (['the client is killed, and the server finishes', 1], ['the backend is terminated', 0]) {
    my ($name, $finishes) = @{$case};
    $db = fresh_database();
    stele($waits, $db, 'up');
    my $other = writer($db);
    my $down = start($waits, 'down', '--allow-destructive', '--db', url($db));
    ok(wait_for($db, $dropping), "$name: it waits in a step");
    if ($finishes) {
        kill('KILL', $down->{pid});
        is((finish($down))[0], 137, "$name: killed");
        is((stele($waits, $db, 'down', '--lock-wait', '0.3', '--allow-destructive'))[0], 4, "$name: while the server is at it, the lock is held");
    } else {
        psql($db, q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'DROP INDEX%'});
        ($exit, $out, $err) = finish($down);
        is($exit, 3, "$name: that is a lost connection") or diag($err);
    }
    stop_writer($db, $other);
    ok(wait_for($db, "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE 'DROP INDEX%' AND state = 'active')"), "$name: it is over");
    is(story($db, 1), '001 down-step 1, 001 down-begin 2', "$name: the ledger knows how far it came");
    is((stele($waits, $db, 'audit'))[0], 0, "$name: and is sound");
    is((stele($waits, $db, 'up'))[0], 1, "$name: up refuses");
    ($exit, $out, $err) = stele($waits, $db, 'down', '--allow-destructive');
    is("$exit$err", '0', "$name: the next down goes on") or diag($out);
    is(story($db, 3), ($finishes ? '' : '001 down-begin 2, ') . '001 down-step 2, 001 down-step 3, 001 revert', "$name: to the end");
    is(psql($db, q{SELECT count(*) FROM pg_class WHERE relname IN ('t', 'ti', 'first_step')}), '0', "$name: where nothing is left");
    is((stele($waits, $db, 'audit'))[0], 0, "$name: the audit agrees");
}

# -------------------------------------------------------------- several at once

my %many = map { sprintf('%03d_m.sql', $_) => "CREATE TABLE m$_ (x int);\n-- stele: down\nSELECT pg_sleep(0.01);\nDROP TABLE m$_;\n" } 1 .. 9;
$many{'005_m.sql'} =~ s/\n-- stele: down/\nCREATE INDEX CONCURRENTLY m5i ON m5 (x);\n-- stele: down\nDROP INDEX CONCURRENTLY m5i;/;
my $many = program(migrations(\%many));
for my $command (['down', '--all'], ['down', '3'], ['redo', '--all'], ['redo', '-6']) {
    $db = fresh_database();
    stele($many, $db, 'up');
    my $schema = pg_dump_schema($db);
    my @running = map { start($many, @{$command}, '--db', url($db)) } 1 .. 8;
    my @results = map { [finish($_)] } @running;
    my @wrong = grep { $_->[0] != 0 && ($command->[0] eq 'down' || $_->[2] !~ /another process applied "00\d_m\.sql" meanwhile|another process took something back meanwhile|only \d migrations? (?:is|are) applied/) } @results;
    is(scalar @wrong, 0, "eight times @{$command} at once: " . ($command->[0] eq 'down' ? 'all succeed' : 'none takes anything away under another'))
        or diag(map { "$_->[0] $_->[2]" } @wrong);
    is((stele($many, $db, 'audit'))[0], 0, "@{$command}: the ledger is sound");
    if ($command->[0] eq 'down') {
        my $left = $command->[1] eq '3' ? 3 : 0;
        is(psql($db, q{SELECT count(*) FROM pg_class WHERE relname ~ '^m\d$'}), $left, "@{$command}: what should stay is there");
        is(psql($db, q{SELECT max(n) FROM (SELECT count(*) AS n FROM stele.ledger WHERE action = 'revert' GROUP BY version) AS c}), '1', "@{$command}: each went once");
    } else {
        is((stele($many, $db, 'up'))[0], 0, "@{$command}: up makes up for one that stopped");
        is(pg_dump_schema($db), $schema, "@{$command}: all is as before");
    }
    is(psql('postgres', "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = '$db')"), '0', "@{$command}: no lock stays");
}
$db = fresh_database();
stele($many, $db, 'up');
my @running = map { start($many, 'down', '-2', '--quiet', '--db', url($db)), start($many, 'up', '--quiet', '--db', url($db)) } 1 .. 8;
my @results = map { [finish($_)] } @running;
is(join('', grep { $_ ne '' && !/another process applied "00\d_m\.sql" meanwhile/ } map { $_->[2] } @results), '', 'ups and downs at once, which take nothing away under each other');
is((stele($many, $db, 'audit'))[0], 0, 'leave a sound ledger');
is((stele($many, $db, 'up'))[0], 0, 'and the next up completes');
is((stele($many, $db, 'check'))[0], 0, 'so that nothing is pending');

# The lock is held by somebody.
{
    my $held = start(postgres('psql'), '-Xq', '-d', url($db), '-c',
        q{DO $$ BEGIN PERFORM pg_advisory_lock(classid::int, objid::int) FROM pg_locks WHERE false; END $$; BEGIN; LOCK TABLE stele.anchor IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(1)});
    ok(wait_for('postgres', q{SELECT count(*) > 0 FROM pg_stat_activity WHERE query LIKE '%LOCK TABLE stele.anchor%' AND pid <> pg_backend_pid() AND state = 'active'}), 'somebody is at the ledger');
    ($exit, $out, $err) = stele($many, $db, 'down');
    is("$exit|$err", '0|', 'a down waits for it');
    finish($held);
}

# What stands below it goes away while a redo waits: then there is nothing to apply it on.
my $slow = program(migrations({
    '001_a.sql' => "CREATE TABLE a (x int);\n-- stele: down\nDROP TABLE a;\n",
    '002_b.sql' => "CREATE TABLE b (x int);\n-- stele: down\nSELECT pg_sleep(3);\nDROP TABLE b;\n",
}));
$db = fresh_database();
stele($slow, $db, 'up');
my $down = start($slow, 'down', '-2', '--db', url($db));
ok(wait_for($db, q{SELECT count(*) = 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(%' AND datname = current_database() AND state = 'active'}), 'down is at work');
my $redo = start($slow, 'redo', '--db', url($db));
my $until = time() + 20;
sleep(0.01) until -s "$redo->{path}.err" && read_file("$redo->{path}.err") =~ /waiting/ || time() > $until;
kill('STOP', $redo->{pid});    # or it might get in between the two that go
is((finish($down))[0], 0, 'down, while a redo waits');
kill('CONT', $redo->{pid});
my ($stops, undef, $why) = finish($redo);
is($stops, 1, 'the redo finds nothing to stand on');
like($why, qr/another process took something back meanwhile that comes before what was to be applied again\nhint: look at status, and run up/, 'and says so');
is((stele($slow, $db, 'audit'))[0], 0, 'nothing was skipped');

# A role that has what the migration needs, but may only look at the ledger: refused at the door, with no word of steps, since none was begun.
$db = fresh_database();
stele($waits, $db, 'up');
psql($db, "CREATE ROLE onlooker_$db LOGIN; GRANT USAGE ON SCHEMA stele TO onlooker_$db; GRANT SELECT ON ALL TABLES IN SCHEMA stele TO onlooker_$db; ALTER TABLE t OWNER TO onlooker_$db; GRANT CREATE ON SCHEMA public TO onlooker_$db");
($exit, $out, $err) = run($waits, 'down', '--allow-destructive', '--db', url($db, "onlooker_$db"));
is($exit, 9, 'a role without rights can not take back');
like($err, qr/permission denied.*\nhint: /, 'and is told which it needs');
unlike($err, qr/steps of/, 'not how to go on with what was not begun');

done_testing();
