#!/usr/bin/perl
# Ctrl-C and SIGTERM: the running statement is cancelled, nothing is left behind, and the exit says which. A host may do the same
# at any moment, without a signal.

use strict;
use warnings;

use Stele::Test;
use Test::More;
use Time::HiRes qw(sleep time);

sub runs { return qq{SELECT count(*) > 0 FROM pg_stat_activity WHERE state = 'active' AND query LIKE '$_[0]' AND pid <> pg_backend_pid()} }

# Start a command, wait until a query says so, send a signal; returns as run(), and how long it took to end after that.
sub interrupt {
    my ($signal, $database, $when, @command) = @_;
    my $command = start(@command, '--db', url($database));
    ok(wait_for($database, $when), "it is at it: @command[1 .. $#command]");
    my $start = time();
    kill($signal, $command->{pid});
    return (finish($command), time() - $start);
}

my %first = ('001_a.sql' => "CREATE TABLE a (x int);\n");
my $slow = program(migrations({%first, '002_b.sql' => "CREATE TABLE b (x int);\n\nSELECT pg_sleep(300);\n"}));

for my $case (['INT', 130], ['TERM', 143]) {
    my ($signal, $code) = @{$case};
    my $db = fresh_database();
    my ($exit, $out, $err, $took) = interrupt($signal, $db, runs('SELECT pg_sleep%'), $slow, 'up');
    is($exit, $code, "SIG$signal: exits $code");
    like($err, qr{/002_b\.sql:3:1: error: interrupted: the statement that was running was cancelled \[57014\]\n}, 'says where it was');
    like($err, qr/1 migration was applied before that, and stays/, 'and what is in');
    cmp_ok($took, '<', 20, sprintf('in good time: %.2f s', $took));
    is(psql($db, q{SELECT string_agg(version, ' ') FROM stele.ledger}), '001', 'the migration before is in');
    is(psql($db, q{SELECT to_regclass('b') IS NULL}), 't', 'and nothing of this one');
    ok(wait_for($db, q{SELECT count(*) = 1 FROM pg_stat_activity WHERE datname = current_database()}), 'nobody is left in the server');
    is((stele($slow, $db, 'audit'))[0], 0, 'the ledger is sound');
}

# A statement outside a transaction.
{
    my $program = program(migrations({%first, '002_b.sql' => "CREATE INDEX CONCURRENTLY ai ON a (x);\n"}));
    my $db = fresh_database();
    stele(program(migrations(\%first)), $db, 'up');
    my $writer = start(postgres('psql'), '-Xq', '-d', url($db), '-c', 'BEGIN; INSERT INTO a VALUES (1); SELECT pg_sleep(300)');
    ok(wait_for($db, runs('%pg_sleep%')), 'somebody writes');
    my ($exit, $out, $err) = interrupt('INT', $db, runs('%CREATE INDEX CONCURRENTLY%'), $program, 'up');
    is($exit, 130, 'a concurrent build is interrupted, too');
    like($err, qr/left the invalid index "ai"/, 'and says what it leaves');
    is(psql($db, q{SELECT string_agg(action, ' ' ORDER BY seq) FROM stele.ledger WHERE version = '002'}), 'begin fail', 'as the ledger does');
    is(psql('postgres', q{SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'}), '0', 'no lock stays behind');
    psql($db, q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()});
    finish($writer);
    ($exit, $out, $err) = stele($program, $db, 'up');
    is("$exit$err", '0', 'the next up completes') or diag($out);
    is(psql($db, q{SELECT indisvalid FROM pg_index WHERE indexrelid = 'ai'::regclass}), 't', 'and the index is valid');
}

# Who waits for another process, computes in Lua, or sends the data of a COPY.
{
    my $db = fresh_database();
    my $holder = start($slow, 'up', '--db', url($db));
    ok(wait_for($db, runs('SELECT pg_sleep%')), 'another process holds the lock');
    my $waiter = start($slow, 'up', '--db', url($db));
    ok(wait_for($db, q{SELECT count(*) > 1 FROM pg_stat_activity WHERE application_name = 'stele'}), 'and this one waits');
    sleep(0.2); # let it say so
    kill('INT', $waiter->{pid});
    my ($exit, $out, $err) = finish($waiter);
    is($exit, 130, 'who waits for the lock is interrupted');
    like($err, qr/error: interrupted\n/, 'and says that');
    kill('TERM', $holder->{pid});
    is((finish($holder))[0], 143, 'the other one, too');

    SKIP: {
        skip('this build has no Lua', 3) if read_file(built('settings')) =~ /STELE_NO_LUA/;
        my $lua = program(migrations({%first, '002_b.lua' => "return {up = function(db)\n  db:exec('SELECT 1 AS lua_is_next')\n  while true do end\nend}\n"}));
        $db = fresh_database();
        ($exit, $out, $err) = interrupt('INT', $db,
            q{SELECT count(*) > 0 FROM pg_stat_activity WHERE state = 'idle in transaction' AND query LIKE '%lua_is_next%' AND pid <> pg_backend_pid()}, $lua, 'up');
        is($exit, 130, 'a loop in Lua is interrupted');
        like($err, qr{/002_b\.lua:3:\d+: error: interrupted\n}, 'where it was');
    }

    my $copy = program(migrations({
        '001_a.sql' => "CREATE TABLE a (x text);\nCREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(300); RETURN NEW; END';\n"
            . "CREATE TRIGGER slow BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION slow();\n",
        '002_b.sql' => "COPY a FROM stdin;\n" . ('x' x 200 . "\n") x 40_000 . "\\.\n"}));
    $db = fresh_database();
    ($exit, $out, $err) = interrupt('INT', $db, runs('COPY a%'), $copy, 'up');
    is($exit, 130, 'a COPY whose data the server does not take is interrupted');
    is(psql($db, q{SELECT count(*) FROM a}), '0', 'and nothing of it is in');
}

# What was ignored when the program began, stays ignored.
{
    my $db = fresh_database();
    my $program = program(migrations({'001_a.sql' => "SELECT pg_sleep(2);\n"}));
    my $command = start('sh', '-c', q{trap '' INT; exec "$@"}, 'sh', $program, 'up', '--db', url($db));
    ok(wait_for($db, runs('SELECT pg_sleep%')), 'with SIGINT ignored');
    kill('INT', $command->{pid});
    is((finish($command))[0], 0, 'SIGINT is ignored');
}

# A host asks at any moment.
{
    my %files = (%first, '002_b.sql' => "CREATE TABLE b (x int);\nCOPY b FROM stdin;\n1\n\\.\nINSERT INTO b VALUES (2);\n",
        '003_c.sql' => "CREATE INDEX CONCURRENTLY bi ON b (x);\nCREATE TABLE c (x int);\n",
        '004_d.sql' => "SET search_path = '';\nCREATE TABLE public.d (x int);\n");
    my $dir = migrations(\%files);
    my $host = application('interrupts', $dir);
    my $db = fresh_database();
    my ($exit, $out) = run($host, url($db), 0);
    like($out, qr/^0 (\d+) \|$/, 'nobody asks: up completes');
    my ($most) = $out =~ /^0 (\d+)/;
    my $schema = pg_dump_schema($db);
    my (@wrong, %seen);
    for my $n (1 .. $most) {
        my $fresh = fresh_database();
        ($exit, $out) = run($host, url($fresh), $n);
        my ($status, $rest) = $out =~ /^(\d+) \d+ (.*)/;
        $seen{$status}++;
        push(@wrong, "asked at $n: $exit $out") if $exit || ($status != 130 && $status != 0) || ($status && $rest !~ /interrupted/);
        ($exit, $out) = run($host, url($fresh), 0);
        push(@wrong, "after $n: $exit $out") if $exit || $out !~ /^0 /;
        push(@wrong, "after $n: another schema") if pg_dump_schema($fresh) ne $schema;
        push(@wrong, "after $n: not each once") if psql($fresh, q{SELECT count(*), count(DISTINCT version) FROM stele.ledger WHERE action = 'apply'}) ne '4|4';
        psql('postgres', 'DROP DATABASE ' . $fresh);
    }
    is(join("\n", @wrong), '', "a host asks at each of $most moments: nothing is half done, and the next up completes");
    cmp_ok($seen{130} || 0, '>', $most / 2, 'mostly it was still time: ' . join(', ', map { "$seen{$_} x $_" } sort keys %seen));
}

done_testing();
