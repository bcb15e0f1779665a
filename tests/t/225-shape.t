#!/usr/bin/perl
# What would keep a row out of the ledger, or hide one, is found; and up doesn't say that a migration is in
# when the ledger took no row.

use strict;
use warnings;

use Stele::Test;
use Test::More;

my %first = ('001_a.sql' => "CREATE TABLE a (x int);\n");
my ($program, $more) = map { program(migrations($_)) } \%first, {%first, '002_b.sql' => "CREATE TABLE b (x int);\n"};

for my $case (
    ['ALTER TABLE stele.ledger DROP CONSTRAINT ledger_pkey', qr/table "ledger" has lost its primary key/],
    ['ALTER TABLE stele.anchor DROP CONSTRAINT anchor_pkey', qr/table "anchor" has lost its primary key/],
    ['CREATE RULE x AS ON INSERT TO stele.ledger DO INSTEAD NOTHING', qr/table "ledger" has a rule/],
    ['ALTER TABLE stele.ledger ENABLE ROW LEVEL SECURITY', qr/table "ledger" has row level security/],
    ['CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NULL; END$$;'
        . 'CREATE TRIGGER x BEFORE INSERT ON stele.ledger FOR EACH ROW EXECUTE FUNCTION f()', qr/table "ledger" has another trigger/],
) {
    my ($sql, $complaint) = @{$case};
    my $database = fresh_database();
    stele($program, $database, 'up');
    is((stele($program, $database, 'audit'))[0], 0, 'a ledger as it was made');
    psql($database, $sql);
    my ($exit, $out, $err) = stele($program, $database, 'audit');
    is($exit, 6, $sql);
    like($out, $complaint, 'is found');
    next unless $sql =~ /RULE|RETURN NULL/;
    ($exit, $out, $err) = stele($more, $database, 'up');
    is($exit, 1, 'up fails');
    like($err, qr/error: stele: the ledger took no row \[P0001\]\n(?:.*\n)*hint: look for a rule or a trigger/, 'and says why');
    is(psql($database, q{SELECT to_regclass('b') IS NULL}), 't', 'and nothing is in');
}

done_testing();
