#!/usr/bin/perl
# CREATE INDEX CONCURRENTLY leaves an invalid index when it fails, and may finish after its client is dead.
# Neither is taken for what it isn't.

use strict;
use warnings;

use Stele::Test;
use Test::More;
use Time::HiRes qw(sleep time);

my $valid = q{SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('"S".bi')};

# --- a build that fails, also with IF NOT EXISTS, and is tried again
for my $exists ('', 'IF NOT EXISTS ') {
    my $program = program(migrations({
        '001_a.sql' => "CREATE SCHEMA \"S\";\nCREATE TABLE \"S\".b (x int);\nINSERT INTO \"S\".b VALUES (1), (1);\n"
            . "CREATE UNIQUE INDEX CONCURRENTLY ${exists}bi ON \"S\".b (x);\nCREATE TABLE last ();\n",
    }));
    my $database = fresh_database();
    my $name = $exists ? 'IF NOT EXISTS' : 'plain';
    for my $try (1, 2) {
        my ($exit, $out, $err) = stele($program, $database, 'up');
        is($exit, 1, "$name, try $try: fails");
        like($err, qr/001_a\.sql:4:1: error: could not create unique index "bi" \[23505\]/, "$name, try $try: at its line");
        like($err, qr/^hint: it left the invalid index "bi"; the next try drops it/m, "$name, try $try: says what is left");
        is(psql($database, $valid), 'f', "$name, try $try: an invalid index is left");
    }
    psql($database, q{DELETE FROM "S".b WHERE ctid = '(0,1)'});
    my ($exit, $out, $err) = stele($program, $database, 'up');
    is("$exit$err", '0', "$name: up goes on when the cause is gone");
    is(psql($database, $valid), 't', "$name: the index is valid");
    is(psql($database, q{SELECT string_agg(action || coalesce(step::text, ''), ' ' ORDER BY seq) FROM stele.ledger}),
        'step1 begin2 fail2 begin2 fail2 begin2 step2 step3 apply', "$name: the ledger tells the story");
    is((stele($program, $database, 'audit'))[0], 0, "$name: the audit agrees");
}

# --- an invalid index of somebody else's is not the one that was asked for, and not stele's to drop
for my $exists ('', 'IF NOT EXISTS ') {
    my $program = program(migrations({'001_a.sql' => "CREATE INDEX CONCURRENTLY ${exists}bi ON \"S\".b (x);\n"}));
    my $database = fresh_database();
    psql($database, 'CREATE SCHEMA "S"; CREATE TABLE "S".b (x int); CREATE INDEX bi ON "S".b (x)');
    psql($database, q{UPDATE pg_index SET indisvalid = false WHERE indexrelid = '"S".bi'::regclass});
    for my $try (1, 2) {
        my ($exit, $out, $err) = stele($program, $database, 'up');
        is($exit, 1, "an invalid index that is there already fails the step, try $try");
        like($err, $exists ? qr/error: index "bi" was there already, and is invalid$/m : qr/error: relation "bi" already exists \[42P07\]$/m, 'by name');
        like($err, qr/^hint: .*drop it: DROP INDEX CONCURRENTLY "S"\.bi$/m, 'it says how to drop it');
        is(psql($database, $valid), 'f', 'and leaves it where it is');
    }
    psql($database, 'DROP INDEX "S".bi');
    is((stele($program, $database, 'up'))[0], 0, 'the next up builds it');
    is(psql($database, $valid), 't', 'and it is valid');
}

# --- the client is killed, the server builds on, and finishes
{
    my $program = program(migrations({
        '001_a.sql' => "CREATE INDEX CONCURRENTLY bi ON \"S\".b (x);\n", '002_b.sql' => "CREATE TABLE last ();\n"}));
    my $database = fresh_database();
    psql($database, 'CREATE SCHEMA "S"; CREATE TABLE "S".b (x int)');
    # A transaction that writes the table keeps the build waiting.
    my $other = start(postgres('psql'), '-Xq', '-d', url($database),
        '-c', 'BEGIN; INSERT INTO "S".b VALUES (1); SELECT pg_sleep(600)');
    ok(wait_for($database, q{SELECT count(*) > 0 FROM pg_locks WHERE relation = '"S".b'::regclass AND mode = 'RowExclusiveLock' AND granted}),
        'somebody writes');
    my $up = start($program, 'up', '--db', url($database));
    # The ledger's own primary key is built a moment before, and has a row of its own there.
    ok(wait_for($database, q{SELECT count(*) > 0 FROM pg_stat_progress_create_index WHERE datname = current_database()
        AND command = 'CREATE INDEX CONCURRENTLY' AND phase = 'waiting for writers before build'}), 'the index is being built');
    kill('KILL', $up->{pid});
    is((finish($up))[0], 137, 'the client is killed');
    my ($exit, $out, $err) = stele($program, $database, 'up', '--lock-wait', '0.5');
    is($exit, 4, 'while the server builds on, the lock is held');
    like($err, qr/the lock is held by process \d+.*CREATE INDEX CONCURRENTLY/, 'by the build, as the message says');
    psql($database, q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()});
    finish($other);
    ok(wait_for($database, $valid), 'the server finishes the build');
    ($exit, $out, $err) = stele($program, $database, 'up');
    is("$exit$err", '0', 'then up goes on') or diag($out);
    is(psql($database, q{SELECT string_agg(version || action || coalesce(step::text, ''), ' ' ORDER BY seq) FROM stele.ledger}),
        '001begin1 001step1 001apply 002apply', 'and takes the index for built');
    is((stele($program, $database, 'audit'))[0], 0, 'the audit agrees');
}

# --- a second connection looks how far a build is, and who stands in its way
{
    my $program = program(migrations({'001_a.sql' => "CREATE TABLE a ();\n", '002_b.sql' => "CREATE INDEX CONCURRENTLY bi ON \"S\".b (x);\n"}));
    my $database = fresh_database();
    psql($database, 'CREATE SCHEMA "S"; CREATE TABLE "S".b (x int)');
    my $other = start(postgres('psql'), '-Xq', '-d', url($database), '-c', 'BEGIN; INSERT INTO "S".b VALUES (1); SELECT pg_sleep(600)');
    ok(wait_for($database, q{SELECT count(*) > 0 FROM pg_locks WHERE relation = '"S".b'::regclass AND mode = 'RowExclusiveLock' AND granted}), 'somebody writes');
    my $up = start($program, 'up', '--json', '--db', url($database));
    ok(wait_for($database, q{SELECT count(*) > 0 FROM pg_stat_activity WHERE application_name = 'stele watch' AND state = 'idle' AND query LIKE '%pg_stat_clear_snapshot%'
        AND datname = current_database()}), 'somebody has looked');
    # What it saw it has told before it looks again; the build may have been at its beginning the first time.
    for (1 .. 2) {
        my $last = psql($database, q{SELECT max(query_start) FROM pg_stat_activity WHERE application_name = 'stele watch' AND datname = current_database()});
        ok(wait_for($database, "SELECT max(query_start) > '$last' FROM pg_stat_activity WHERE application_name = 'stele watch' AND datname = current_database()"), '... and looks again');
    }
    psql($database, q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database() AND pid <> pg_backend_pid()});
    finish($other);
    my ($exit, $out, $err) = finish($up);
    is("$exit$err", '0', 'up completes') or diag($out);
    like($out, qr/^\{"event":"progress",[^\n]*"file":"002_b.sql",[^\n]*"message":"waiting for writers before build, 0 of 1 transactions waited for"\}$/m, 'it has told how far the build is') or diag($out);
    like($out, qr/^\{"event":"blocked",[^\n]*"file":"002_b.sql",[^\n]*"message":"process \d+, application \\"psql\\", from this host, active for \d+ s, running: BEGIN;/m, 'and who stood in its way');
    is(psql($database, q{SELECT count(*) FROM pg_stat_activity WHERE application_name = 'stele watch' AND datname = current_database()}), '0', 'the second connection is gone');
}

done_testing();
