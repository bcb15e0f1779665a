#!/usr/bin/perl
# The network goes away at any moment: `up` or `down` exits 3 and says so, the ledger stays sound, each migration is
# in with its row or not at all, and the next `up` or `down` completes.

use strict;
use warnings;

use IO::Select;
use IO::Socket::UNIX;
use Stele::Ledger;
use Stele::Test;
use Test::More;

$SIG{PIPE} = 'IGNORE';    # of a side that hung up first
my $host = server();
my $program = program(migrations({
    '001_a.sql' => "CREATE TABLE m1 (x int);\nINSERT INTO m1 VALUES (1);\n",
    '002_b.sql' => "SET search_path = '';\nCREATE TABLE public.m2 (x int);\nINSERT INTO public.m2 VALUES (1);\nRESET search_path;\n",
    '003_c.sql' => "CREATE TABLE m3 (x int);\nCOPY m3 FROM stdin;\n1\n\\.\n",
    '004_d.sql' => "BEGIN;\nCREATE TABLE m4 (x int);\nCOMMIT;\nBEGIN;\nINSERT INTO m4 VALUES (1);\nCOMMIT;\n",
    '005_e.sql' => "CREATE TABLE m5 (x int);\nINSERT INTO m5 VALUES (1);\n",
}));

# Run a command through a proxy that lets so many bytes through from a side ('client', 'server'), and then hangs up on
# both; undef: all. Returns as run(), and the bytes that came from that side.
sub cut_after {
    my ($database, $side, $limit, $run, @command) = @_;
    my $folder = temporary(1);
    my $listen = IO::Socket::UNIX->new(Local => "$folder/.s.PGSQL.5432", Listen => 1) or die "socket: $!\n";
    my $command = start($run, @command, '--db', "host=$folder user=postgres dbname=$database", {timeout => 30});
    my %passed = (client => 0, server => 0);
    my $cut = 0;
    # It may connect again: a migration that leaves traces in its session is the last in it.
    while (!$cut && IO::Select->new($listen)->can_read($passed{client} ? 0.3 : 20)) {
        my $client = $listen->accept or die "accept: $!\n";
        my $server = IO::Socket::UNIX->new(Peer => "$host/.s.PGSQL.5432") or die "connect: $!\n";
        my $select = IO::Select->new($client, $server);
        CONNECTED: while (1) {
            for my $from ($select->can_read(20)) {
                my $name = $from == $client ? 'client' : 'server';
                sysread($from, my $bytes, 65536) or last CONNECTED;
                $bytes = substr($bytes, 0, $limit - $passed{$name}) if defined $limit && $name eq $side;
                $passed{$name} += length $bytes;
                syswrite($from == $client ? $server : $client, $bytes);
                $cut = defined $limit && $passed{$side} >= $limit;
                last CONNECTED if $cut;
            }
        }
        close($_) for $client, $server;
    }
    close($listen);
    return (finish($command), $passed{$side});
}

# The server may still be at work on what it got before the cut.
sub settle {
    my ($database) = @_;
    my $until = time() + 20;
    while (psql('postgres', "SELECT count(*) FROM pg_stat_activity WHERE datname = '$database'") ne '0') {
        die "a backend stays\n" if time() > $until;
        select(undef, undef, undef, 0.005);
    }
    return;
}

my $whole = join(';', map { "m$_ 1" } 1 .. 5);
sub tables { return psql($_[0], q{SELECT string_agg(relname || ' ' || (xpath('//x/text()', query_to_xml('SELECT count(*) AS x FROM ' || relname, true, false, '')))[1], ';' ORDER BY relname)
    FROM pg_class WHERE relname ~ '^m\d$'}) }

my $db = fresh_database();
for my $side ('server', 'client') {
    my $fresh = fresh_database();
    my ($exit, $out, $err, $total) = cut_after($fresh, $side, undef, $program, 'up');
    is("$exit " . tables($fresh), "0 $whole", "undisturbed, up completes; $total bytes come from the $side");
    my (@wrong, %exits);
    my $cuts = 40;
    for my $cut (1 .. $cuts) {
        my $limit = int($total * $cut / ($cuts + 1));
        psql($db, 'DROP SCHEMA IF EXISTS stele CASCADE; DROP TABLE IF EXISTS m1, m2, m3, m4, m5');
        ($exit, $out, $err) = cut_after($db, $side, $limit, $program, 'up');
        $exits{$exit}++;
        push(@wrong, "cut after $limit: exit $exit: $err") if $exit != 3 || $err !~ /error: /;
        settle($db);
        my ($audit, $found, $why) = stele($program, $db, 'audit');
        push(@wrong, "cut after $limit: audit exits $audit: $found$why") if $audit;
        my @up = stele($program, $db, 'up');
        push(@wrong, "cut after $limit: the next up exits $up[0]: $up[2]") if $up[0];
        push(@wrong, "cut after $limit: " . tables($db)) if tables($db) ne $whole;
        push(@wrong, "cut after $limit: not each once") if psql($db, q{SELECT count(*), count(DISTINCT version) FROM stele.ledger WHERE action = 'apply'}) ne '5|5';
    }
    is(join("\n", @wrong), '', "cut at $cuts places of what comes from the $side: exit 3, a sound ledger, and the next up completes");
    note(join(' ', map { "$exits{$_} x $_" } sort keys %exits));
}

# The way back, with a step outside a transaction in it.
my $back = program(migrations({
    (map { ("00$_\_m.sql" => "CREATE TABLE m$_ (x int);\n-- stele: down\nSET search_path = '';\nDROP TABLE public.m$_;\n") } 1, 2, 4),
    '003_i.sql' => "CREATE TABLE m3 (x int);\nCREATE INDEX i3 ON m3 (x);\n-- stele: down\nALTER TABLE m3 ADD COLUMN y int;\nDROP INDEX CONCURRENTLY i3;\nDROP TABLE m3;\n",
}));
$db = fresh_database();
for my $side ('server', 'client') {
    stele($back, $db, 'up');
    my ($exit, $out, $err, $total) = cut_after($db, $side, undef, $back, 'down', '--all');
    is($exit, 0, "undisturbed, down completes; $total bytes come from the $side");
    my @wrong;
    my $cuts = 25;
    for my $cut (1 .. $cuts) {
        my $limit = int($total * $cut / ($cuts + 1));
        stele($back, $db, 'up');
        ($exit, $out, $err) = cut_after($db, $side, $limit, $back, 'down', '--all');
        push(@wrong, "cut after $limit: exit $exit: $err") if $exit != 3 || $err !~ /error: /;
        settle($db);
        my ($audit, $found, $why) = stele($back, $db, 'audit');
        push(@wrong, "cut after $limit: audit exits $audit: $found$why") if $audit;
        my @down = stele($back, $db, 'down', '--all');
        push(@wrong, "cut after $limit: the next down exits $down[0]: $down[2]") if $down[0];
        push(@wrong, "cut after $limit: something is left") if psql($db, q{SELECT count(*) FROM pg_class WHERE relname ~ '^[mi]\d'}) ne '0';
    }
    is(join("\n", @wrong), '', "a down cut at $cuts places of what comes from the $side: exit 3, a sound ledger, and the next down completes");
}

# Just when the server says that another process holds the lock.
my $slow = program(migrations({'001_a.sql' => "SELECT pg_sleep(60);\n"}));
$db = fresh_database();
my $holder = start($slow, 'up', '--db', url($db));
my $until = time() + 20;
until (psql($db, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = x'7374656c'::int::oid AND database = (SELECT oid FROM pg_database WHERE datname = current_database())") ne '0') {
    die "no up\n" if time() > $until;
}
my (undef, undef, undef, $total) = cut_after($db, 'server', undef, $program, 'up', '--lock-wait', '0');
my @wrong;
for my $back (map { $_ * 9 } 0 .. 70) {
    my ($exit, undef, $err) = cut_after($db, 'server', $total - $back, $program, 'up', '--lock-wait', '0');
    push(@wrong, "cut $back before the end: exit $exit: $err") if $exit != 3 && $back > 0 || $err =~ /pipeline|synchronous/;
}
is(join("\n", @wrong), '', 'cut around that word: exit 3, and nothing about pipelines');
kill('KILL', -$holder->{pid});
finish($holder);

done_testing();
