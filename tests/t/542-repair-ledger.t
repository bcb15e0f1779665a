#!/usr/bin/perl
# The ledger itself damaged: what up and audit say, the repair that they name, that all is well after it; and
# that a reseal accepts what it found, and nothing that comes later. Parameters that differ.

use strict;
use warnings;

use Stele::Ledger;
use Stele::Test;
use Test::More;

my %files = map { sprintf('%03d_m%d.sql', $_, $_) => "CREATE TABLE m$_ (x int);\n-- stele: down\nDROP TABLE m$_;\n" } 1 .. 5;
my $dir = migrations({%files});
my $program = program($dir);
my $with_work = program(migrations({%files, '006_m6.sql' => "CREATE TABLE m6 (x int);\n"}));
my $good = fresh_database();
my ($exit, $out, $err) = stele($program, $good, 'up');
is($exit, 0, 'five migrations') or BAIL_OUT($err);
my @rows = ledger_rows($good);

sub gives {
    my ($code, $which, $database, @arguments) = @_;
    ($exit, $out, $err) = stele($which, $database, @arguments);
    return is($exit, $code, "@arguments: exit $code") || diag($out, $err);
}

# Refused by audit and by up (but where up can't see it), mended as the hint has it, and content from then on.
sub mended {
    my ($name, $database, $kind, %option) = @_;
    ($exit, $out, $err) = stele($program, $database, 'audit');
    is($exit, 6, "$name: audit finds it");
    my $said = $out . $err;
    if (!$option{unseen}) {
        ($exit, $out, $err) = stele($with_work, $database, 'up');
        is($exit, 6, "$name: up refuses") or diag($out, $err);
        $said = $err;
        like($err, qr/^hint: .*repair $kind --reason TEXT/m, "$name: and names the repair") or diag($err);
    }
    ($exit, $out, $err) = follow($program, $database, $said, $kind);
    is($exit, 0, "$name: which works") or diag($out, $err);
    ($exit, $out, $err) = stele($program, $database, 'audit');
    is($exit, 0, "$name: audit is content") or diag($out, $err);
    ($exit, $out, $err) = stele($program, $database, 'check');
    is($exit, $option{check} // 0, "$name: check is content") or diag($out, $err);
    ($exit, $out, $err) = stele($with_work, $database, 'up');
    is($exit, 0, "$name: up goes on") or diag($out, $err);
    gives(0, $with_work, $database, 'audit');
    return;
}

# --------------------------------------------------------------------------- reseal

# What moves an anchor to a row.
sub moved {
    my ($row) = @_;
    return "UPDATE stele.anchor SET seq = $row->{seq}, hash = '\\x$row->{hash}', state = '$row->{state}', parameters = '$row->{parameters}'";
}
my %false = (%{$rows[4]}, state => $rows[3]{state});
$false{hash} = row_hash(\%false, $rows[3]{hash});

for my $case (
    ['a row changed', q{UPDATE stele.ledger SET host = 'x' WHERE seq = 3}],
    ['the last row changed', q{UPDATE stele.ledger SET host = 'x' WHERE seq = 5}],
    ['a hash changed', q{UPDATE stele.ledger SET hash = '\x00' WHERE seq = 2}],
    ['a format changed', 'UPDATE stele.ledger SET format = 2 WHERE seq = 2'],
    ['a digest of a script changed', q{UPDATE stele.ledger SET down_sha256 = sha256('x'), down = 'x' WHERE seq = 1}],
    ['a state digest changed', "UPDATE stele.ledger SET state = '$rows[0]{state}' WHERE seq = 4"],
    ['parameters that are not canonical', q{UPDATE stele.ledger SET parameters = '{ }' WHERE seq = 5}],
    ['the parameters of row and anchor', q{UPDATE stele.ledger SET parameters = '[1]' WHERE seq = 5; UPDATE stele.anchor SET parameters = '[1]'}],
    ['the anchor gone', 'DELETE FROM stele.anchor'],
    ['the anchor behind', 'UPDATE stele.anchor SET seq = 4'],
    ['the anchor ahead', 'UPDATE stele.anchor SET seq = 9'],
    ["the anchor's hash", 'UPDATE stele.anchor SET hash = sha256(hash)'],
    ["the anchor's parameters", q{UPDATE stele.anchor SET parameters = '{"a":"b"}'}],
    ["the anchor's state", "UPDATE stele.anchor SET state = '$rows[3]{state}'"],
    ['a false state with the right hash', "UPDATE stele.ledger SET state = '$false{state}', hash = '\\x$false{hash}' WHERE seq = 5; " . moved(\%false), unseen => 1],
) {
    my ($name, $sql, %option) = @{$case};
    my $database = tampered($good, $sql);
    mended($name, $database, 'reseal', %option);
    my @now = ledger_rows($database);
    my ($seal) = grep { $_->{action} eq 'reseal' } @now;
    is($seal->{source}, chain_digest(grep { $_->{seq} < $seal->{seq} } @now), "$name: the row holds the digest of those before it");
    is(row_hash($seal, (grep { $_->{seq} < $seal->{seq} } @now)[-1]{hash}), $seal->{hash}, "$name: and follows from the last of them");
    is($now[-1]{hash}, row_hash($now[-1], $seal->{hash}), "$name: the next one from it");
}

# Rows that are gone leave their migrations not applied; what is there can be told by baseline, done or accept.
my $middle = tampered($good, 'DELETE FROM stele.ledger WHERE seq = 3; DROP TABLE m3');
gives(6, $with_work, $middle, 'up');
($exit, $out, $err) = follow($program, $middle, $err, 'reseal');
is($exit, 0, 'a row in the middle gone: resealed') or diag($err);
gives(6, $with_work, $middle, 'up');
like($err, qr/"003_m3.sql" is not applied, though a later/, 'its migration is not applied then');
gives(0, $with_work, $middle, 'up', '--out-of-order');
gives(0, $with_work, $middle, 'audit');
like($out, qr/ok +accepted by row 6: row 2 of component "main" is followed by row 4: rows are missing/, 'audit tells what was accepted');
like($out, qr/ok +row 6 of component "main" accepts the rows before it as they are, since [-\d: ]+Z, by postgres: we were told: reseal/, 'by whom, when and why');

my $ends = tampered($good, 'DELETE FROM stele.ledger WHERE seq > 3; DROP TABLE m4, m5');
gives(6, $with_work, $ends, 'up');
($exit, $out, $err) = follow($program, $ends, $err, 'reseal');
is($exit, 0, 'the last rows gone: resealed') or diag($err);
is_deeply([map { $_->{seq} } ledger_rows($ends)], [1, 2, 3, 6], 'their numbers are not given out again');
gives(0, $with_work, $ends, 'up');
gives(0, $with_work, $ends, 'audit');

my $empty = tampered($good, 'TRUNCATE stele.ledger');
gives(6, $with_work, $empty, 'up');
($exit, $out, $err) = follow($program, $empty, $err, 'reseal');
is($exit, 0, 'all rows gone: resealed') or diag($err);
gives(0, $program, $empty, 'baseline', '005', '--reason', 'rows were lost, the tables are there');
gives(0, $with_work, $empty, 'up');
gives(0, $with_work, $empty, 'audit');
is_deeply([deeds($program, $empty)], ['reseal', (map { "baseline 00${_}_m$_.sql" } 1 .. 5), 'apply 006_m6.sql'], 'the history tells it');

# It accepts what it found, and nothing later.
{
    my $database = tampered($good, q{UPDATE stele.ledger SET host = 'x' WHERE seq = 3});
    gives(0, $program, $database, 'repair', 'reseal', '--reason', 'disk');
    gives(2, $program, $database, 'repair', 'reseal', '--reason', 'disk');
    like($err, qr/the ledger is what was written: there is nothing to reseal/, 'once is enough');
    for my $change (q{SET host = 'y' WHERE seq = 3}, q{SET host = 'y' WHERE seq = 2}, q{SET role = 'y' WHERE seq = 5}, q{SET hash = '\x01' WHERE seq = 3},
        q{SET reason = 'for fun' WHERE seq = 6}, "SET source = 'c1:" . ('0' x 64) . q{' WHERE seq = 6}) {
        my $again = tampered($database, "UPDATE stele.ledger $change");
        gives(6, $program, $again, 'audit');
        like($out, qr/WRONG/, "later: $change: is found");
        gives(6, $with_work, $again, 'up');
    }
    my $odd = tampered($good, q{UPDATE stele.ledger SET hash = '\x00' WHERE seq = 3});
    gives(0, $program, $odd, 'repair', 'reseal', '--reason', 'disk');
    gives(6, $program, tampered($odd, q{UPDATE stele.ledger SET hash = '\x01' WHERE seq = 3}), 'audit');
    my $again = tampered($database, q{UPDATE stele.ledger SET host = 'y' WHERE seq = 2});
    gives(6, $with_work, $again, 'up');
    like($err, qr/row 6 of component "main" \(reseal\) accepted other rows than stand before it: they were changed since/, 'and said');
    gives(0, $program, $again, 'repair', 'reseal', '--reason', 'again');
    gives(0, $program, $again, 'audit');
    gives(6, $program, tampered($database, 'DELETE FROM stele.ledger WHERE seq = 4'), 'audit');
    gives(6, $program, tampered($database, 'DELETE FROM stele.ledger WHERE seq = 6'), 'audit');
}
gives(2, $program, $good, 'repair', 'reseal', '--reason', 'x');
is_deeply([ledger_rows($good)], \@rows, 'a good ledger gets no reseal');

# ------------------------------------------------------------------------- parameters

my $with = sub { my ($conf, @options) = @_; return program(migrations({'stele.conf' => $conf, '001_p.sql' => "SELECT '\${v}';\n-- stele: down\nSELECT '\${v}';\n"}), @options) };
{
    my $run = $with->("parameter v integer run 1\n");
    my $database = fresh_database();
    gives(0, $run, $database, 'up');
    gives(9, $run, $database, 'up', '-D', 'v=2');
    ($exit, $out, $err) = follow($run, $database, $err, 'set v=2');
    is($exit, 0, 'a run parameter: set') or diag($err);
    like($out, qr/^set: parameter "v" is now "2"; it was "1"$/m, 'which is shown');
    gives(0, $run, $database, 'up', '-D', 'v=2');
    gives(0, $run, $database, 'check');
    gives(9, $run, $database, 'check', '-D', 'v=1');
    gives(0, $run, $database, 'audit');
    my @now = ledger_rows($database);
    is_deeply([@{$now[1]}{qw(action version name file parameters state)}], ['set', '', 'v', '', '{"v":"2"}', $now[0]{state}], 'a row about the component');
    is_deeply([deeds($run, $database)], ['apply 001_p.sql', 'set v'], 'told in the history');
    for my $case (['v=2', qr/parameter "v" is "2" in the ledger already/], ['v=x', qr/parameter "v" is "x", which is not an integer/],
        ['w=1', qr/there is no parameter "w" in this program/], ['v', qr/a parameter is set as NAME=VALUE, not "v"/], ['=1', qr/as NAME=VALUE/]) {
        gives(2, $run, $database, 'repair', 'set', $case->[0], '--reason', 'x');
        like($err, $case->[1], 'says why');
    }
    gives(2, $run, fresh_database(), 'repair', 'set', 'v=3', '--reason', 'x');
    like($err, qr/the ledger has no value of parameter "v"\nhint: nothing has to be repaired: up -D v=3 puts it there$/, 'where it isn\'t used yet');
}
{
    my $one = $with->("parameter v literal build one\n");
    my $two = $with->("parameter v literal build two\n");
    my $database = fresh_database();
    gives(0, $one, $database, 'up');
    gives(9, $two, $database, 'up');
    ($exit, $out, $err) = follow($two, $database, $err, 'set v=two');
    is($exit, 0, 'a build parameter: set') or diag($err);
    gives(0, $two, $database, 'up');
    gives(0, $two, $database, 'audit');
    gives(9, $one, $database, 'check');
    gives(2, $two, $database, 'repair', 'set', 'v=three', '--reason', 'x');
    like($err, qr/was fixed when this program was built: it is "two"/, 'only to what this program was built with');
}

# ----------------------------------------------------------------------------- guards

for my $case (
    ['a guard disabled', 'ALTER TABLE stele.ledger DISABLE TRIGGER append_only'], ['a guard dropped', 'DROP TRIGGER keep ON stele.anchor'],
    ['refuse() emptied', q{CREATE OR REPLACE FUNCTION stele.refuse() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS 'BEGIN RETURN NULL; END'}],
    ['refuse() gone', 'DROP FUNCTION stele.refuse() CASCADE'],
    ['field() altered', q{CREATE OR REPLACE FUNCTION stele.field(value text) RETURNS bytea LANGUAGE sql AS $$ SELECT ''::bytea $$}],
    ['another field()', q{CREATE FUNCTION stele.field(value json) RETURNS bytea LANGUAGE sql AS $$ SELECT ''::bytea $$}],
    ['append() gone', 'DO $$ DECLARE f regprocedure := (SELECT oid FROM pg_proc WHERE proname = \'append\' AND pronamespace = \'stele\'::regnamespace);'
        . ' BEGIN EXECUTE format(\'DROP FUNCTION %s\', f); END $$'],
    ['append() without its search_path', 'DO $$ DECLARE f regprocedure := (SELECT oid FROM pg_proc WHERE proname = \'append\' AND pronamespace = \'stele\'::regnamespace);'
        . ' BEGIN EXECUTE format(\'ALTER FUNCTION %s RESET search_path\', f); END $$'],
    ['enter() run as its owner', 'DO $$ DECLARE f regprocedure := (SELECT oid FROM pg_proc WHERE proname = \'enter\' AND pronamespace = \'stele\'::regnamespace);'
        . ' BEGIN EXECUTE format(\'ALTER FUNCTION %s SECURITY DEFINER\', f); END $$'],
    ['no primary key', 'ALTER TABLE stele.ledger DROP CONSTRAINT ledger_pkey; ALTER TABLE stele.anchor DROP CONSTRAINT anchor_pkey'],
    ['another primary key', 'ALTER TABLE stele.ledger DROP CONSTRAINT ledger_pkey, ADD PRIMARY KEY (component, seq, hash)'],
    ['a rule', 'CREATE RULE swallow AS ON INSERT TO stele.ledger DO INSTEAD NOTHING'],
    ['another trigger', q{CREATE FUNCTION public.no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; CREATE TRIGGER no BEFORE INSERT ON stele.ledger FOR EACH ROW EXECUTE FUNCTION public.no()}],
    ['row security', 'ALTER TABLE stele.anchor ENABLE ROW LEVEL SECURITY'],
    ['the view gone', 'DROP VIEW stele.history'],
    ['a rule with an awkward name', 'CREATE RULE "$guards$ $stele$" AS ON INSERT TO stele.ledger WHERE false DO NOTHING'],
    ['a function of a type called "text"', 'CREATE TYPE public."""text""" AS ENUM (); CREATE FUNCTION stele.field(public."""text""") RETURNS int LANGUAGE sql RETURN 1'],
) {
    my ($name, $sql) = @{$case};
    my $database = tampered($good, '');
    psql($database, $sql);
    mended($name, $database, 'guards', unseen => 1);
    like((deeds($program, $database))[5], qr/^guard \w+/, "$name: a row tells what was made");
    ($exit, $out, $err) = run(postgres('psql'), '-Xq', '-d', url($database), '-c', 'DELETE FROM stele.ledger');
    like($err, qr/is refused/, "$name: and the ledger refuses changes");
}

# In such a database the server quotes every name that it writes, and keeps a function's search_path so.
for my $when ('before the ledger was made', 'after') {
    my $database = $when eq 'after' ? tampered($good, '') : fresh_database();
    psql($database, "ALTER DATABASE $database SET quote_all_identifiers = on");
    gives(0, $program, $database, 'up');
    gives(0, $program, $database, 'audit');
    psql($database, "ALTER DATABASE $database RESET quote_all_identifiers");
    gives(0, $program, $database, 'audit');
}

gives(2, $program, $good, 'repair', 'guards', '--reason', 'x');
like($err, qr/are as stele made them: there is nothing to repair/, 'good guards are left alone');
gives(2, $program, fresh_database(), 'repair', 'guards', '--reason', 'x');
like($err, qr/there is no ledger in the schema "stele"/, 'and none are made without a ledger');

for my $case (['anchor', 'DROP TABLE stele.anchor'], ['ledger', 'DROP TABLE stele.ledger CASCADE']) {
    my ($table, $sql) = @{$case};
    my $database = tampered($good, '');
    psql($database, $sql);
    gives(6, $with_work, $database, 'up');
    like($err, qr/its table "$table" is gone/, "the table $table dropped");
    my $hint = $err;
    ($exit, $out, $err) = follow($program, $database, $hint, 'guards');
    is($exit, 0, 'is made anew') or diag($err);
    like($out, qr/no row tells of it, since the chain doesn't hold: that is for repair reseal/, 'and what comes next is said');
    ($exit, $out, $err) = follow($program, $database, $hint, 'reseal');
    is($exit, 0, 'then the ledger is resealed') or diag($err);
    gives(0, $program, $database, 'baseline', '005', '--reason', 'the tables are there') if $table eq 'ledger';
    gives(0, $with_work, $database, 'up');
    gives(0, $with_work, $database, 'audit');
}

# A role that may not is told so; and nothing happens.
psql('postgres', 'CREATE ROLE visitor LOGIN');
{
    my $database = tampered($good, q{UPDATE stele.ledger SET host = 'x' WHERE seq = 3; GRANT USAGE ON SCHEMA stele TO visitor; GRANT SELECT ON ALL TABLES IN SCHEMA stele TO visitor});
    ($exit, $out, $err) = run($program, 'repair', 'reseal', '--reason', 'x', '--db', url($database, 'visitor'));
    is($exit, 9, 'a visitor may not reseal') or diag($err);
    like($err, qr/permission denied/, 'says the server');
    psql($database, 'ALTER TABLE stele.ledger DISABLE TRIGGER append_only');
    ($exit, $out, $err) = run($program, 'repair', 'guards', '--reason', 'x', '--db', url($database, 'visitor'));
    is($exit, 9, 'nor make guards') or diag($err);
    is(psql($database, 'SELECT count(*) FROM stele.ledger'), 5, 'nothing was written');
}

done_testing();
