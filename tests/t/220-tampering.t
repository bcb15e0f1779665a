#!/usr/bin/perl
# The ledger changed by its owner, guards switched off and on again: audit finds each change and
# names the row, and `up` with work to do refuses to go on from there.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use Stele::Ledger;
use Stele::Test;
use Test::More;

my %files = map { sprintf('%03d_m%d.sql', $_, $_) => "CREATE TABLE m$_ (x int);\n-- stele: down\nDROP TABLE m$_;\n" } 1 .. 5;
my %later = ('006_m6.sql' => "CREATE TABLE m6 (x int);\n");
my $dir = migrations({%files});
my $program = program($dir);
my $with_work = program(migrations({%later}, $dir));
my $good = fresh_database();
my ($exit, $out, $err) = stele($program, $good, 'up');
is($exit, 0, 'five migrations are applied') or BAIL_OUT($err);
my ($head) = $out =~ /^head (r1:[0-9a-f]{64})$/m;
ok($head, 'up prints the head');
my @rows = ledger_rows($good);
is($head, "r1:$rows[4]{hash}", 'which is the last hash');

($exit, $out, $err) = stele($program, $good, 'audit');
is($exit, 0, 'the audit of an untouched ledger') or diag($out, $err);
like($out, qr/checks, all well$/, 'says so');

# Each is told by audit and by up; audit's words are given.
sub found {
    my ($name, $database, $words, %option) = @_;
    ($exit, $out, $err) = stele($program, $database, 'audit');
    is($exit, 6, "$name: audit finds it") or diag($out, $err);
    like($out, qr/WRONG +.*$words/, "$name: and says what");
    my $before = psql($database, 'SELECT count(*) FROM stele.ledger');
    ($exit, $out, $err) = stele($with_work, $database, 'up');
    is($exit, $option{up} // 6, "$name: up refuses to go on") or diag($out, $err);
    like($err, qr/ledger was changed|was edited|is missing|is not applied|was renamed/, "$name: and says why") if !defined $option{up};
    if (($option{up} // 6) != 0) {
        is(psql($database, q{SELECT to_regclass('m6') IS NULL}), 't', "$name: nothing was applied");
        is(psql($database, 'SELECT count(*) FROM stele.ledger'), $before, "$name: nothing was written");
    }
    return;
}

# Every column of a row in the middle.
my %change = (
    component => "'other'", seq => '7', format => '0', action => "'applied'", version => "'0030'", name => "'x'",
    file => "'x.sql'", step => '1', source => "'s1:" . ('0' x 64) . "'", tokens => "'t1:" . ('0' x 64) . "'",
    state => "'d1:" . ('0' x 64) . "'", parameters => q('{"a":"b"}'), compat => "'x'", one_way => "'because'", down => "'DROP TABLE m1;'",
    reason => "'x'", statements => '2', started => "started + interval '1 microsecond'", duration => 'duration + 1', role => "'x'",
    down_sha256 => "sha256('x')", address => "'::1'", host => "'x'", application => "'x'", build => "'x'", hash => q('\x00'),
);
is_deeply([sort keys %change], [sort split(/\n/, psql($good, q{SELECT column_name FROM information_schema.columns
    WHERE table_schema = 'stele' AND table_name = 'ledger'}))], 'each column of the ledger is tried');
for my $column (sort keys %change) {
    my $database = tampered($good, "UPDATE stele.ledger SET $column = $change{$column} WHERE seq = 3");
    my $words = $column =~ /^(?:component|seq)$/ ? 'row 2 of component "main" is followed by row 4: rows are missing' : 'row 3 of component "main"';
    # The chain holds the script's digest; up doesn't read the scripts.
    $column eq 'down' ? found('column down of row 3', $database, 'the down script in row 3 of component "main" was changed', up => 0)
        : found("column $column of row 3", $database, $words);
}
found('column name of the last row', tampered($good, q{UPDATE stele.ledger SET name = 'x' WHERE seq = 5}), 'row 5 of component "main" \(apply 005_m5.sql\) was changed');
found('a row changed that says to be of a later format', tampered($good, "UPDATE stele.ledger SET format = 2, host = 'x' WHERE seq = 3"), 'row 3 of component "main"');
found('the parameters written with a blank', tampered($good, q{UPDATE stele.ledger SET parameters = '{ }' WHERE seq = 3}), 'row 3 of');

# Rows gone, and more.
found('the first row deleted', tampered($good, 'DELETE FROM stele.ledger WHERE seq = 1'), 'row 0 of component "main" is followed by row 2');
found('a row in the middle deleted', tampered($good, 'DELETE FROM stele.ledger WHERE seq = 3'), 'row 2 of component "main" is followed by row 4');
found('the last row deleted', tampered($good, 'DELETE FROM stele.ledger WHERE seq = 5'), 'the last 1 row of component "main" is gone: the anchor stands at row 5');
found('all rows deleted', tampered($good, 'DELETE FROM stele.ledger'), 'the last 5 rows of component "main" are gone');
found('the ledger truncated', tampered($good, 'TRUNCATE stele.ledger'), 'the last 5 rows of component "main" are gone');
found('the anchor deleted', tampered($good, 'DELETE FROM stele.anchor'), 'the anchor of component "main" is gone');
found('the anchor moved back', tampered($good, 'UPDATE stele.anchor SET seq = 4'), 'rows of component "main" were added behind the anchor');
found("the anchor's hash changed", tampered($good, 'UPDATE stele.anchor SET hash = sha256(hash)'), 'the anchor is not the hash of the last row');
found("the anchor's state changed", tampered($good, "UPDATE stele.anchor SET state = '$rows[3]{state}'"), 'the anchor has not the state and parameters of the last row');
found("the anchor's parameters changed", tampered($good, q{UPDATE stele.anchor SET parameters = '{"a":"b"}'}), 'the anchor has not the state and parameters of the last row');
found('the last row deleted, and the anchor moved',
    tampered($good, 'DELETE FROM stele.ledger WHERE seq = 5; UPDATE stele.anchor SET seq = 4'), 'the anchor is not the hash of the last row');

# What moves an anchor to a row.
sub moved {
    my ($row) = @_;
    return "UPDATE stele.anchor SET seq = $row->{seq}, hash = '\\x$row->{hash}', state = '$row->{state}', parameters = '$row->{parameters}'";
}

# A forged row with a well-made hash, at the end.
sub forged {
    my ($row) = @_;
    my %forged = (%{$rows[4]}, seq => 6, version => '006', name => 'm6', file => '006_m6.sql', source => source_checksum($later{'006_m6.sql'}), %{$row});
    my @set = map { [@{$_}{qw(version name source)}] } @rows, \%forged;
    $forged{state} = state_digest('main', @set);
    $forged{down_sha256} = sha256_hex($forged{down});
    $forged{hash} = row_hash(\%forged, $rows[4]{hash});
    return \%forged;
}
sub insert {
    my ($row) = @_;
    my %raw = (started => "timestamptz '2000-01-01 00:00:00Z' + $row->{started} * interval '1 microsecond'", map { $_ => "'\\x$row->{$_}'" } qw(hash down_sha256));
    my @names = sort keys %{$row};
    my @values = map { my $v = $row->{$_}; $raw{$_} // (defined $v ? "'" . ($v =~ s/'/''/gr) . "'" : 'NULL') } @names;
    return 'INSERT INTO stele.ledger (' . join(', ', @names) . ') VALUES (' . join(', ', @values) . ')';
}
my $forged = forged({});
found('a row added', tampered($good, insert($forged)), 'rows of component "main" were added behind the anchor');
found('a row added, and the anchor moved without its hash',
    tampered($good, insert($forged) . '; UPDATE stele.anchor SET seq = 6'), 'the anchor is not the hash of the last row');
found('a row inserted in the middle', tampered($good, 'UPDATE stele.ledger SET seq = seq + 1 WHERE seq = 5; '
    . insert({%{$forged}, seq => 5}) . '; UPDATE stele.anchor SET seq = 6'), 'row 5 of component "main"');

# Chain and anchor rewritten consistently: only a head kept outside can tell, and it does.
my $rewritten = tampered($good, insert($forged) . '; ' . moved($forged));
($exit, $out, $err) = stele($with_work, $rewritten, 'audit');
is($exit, 0, 'a well-forged row is beyond what the database alone can tell') or diag($out, $err);
($exit, $out, $err) = stele($with_work, $rewritten, 'audit', '--head', $head);
is($exit, 0, 'the head before it is in the chain');
like($out, qr/the head kept outside is row 5 of component "main"/, 'and audit says where');
my $cut = tampered($good, 'DELETE FROM stele.ledger WHERE seq = 5; ' . moved($rows[3]));
($exit, $out, $err) = stele($program, $cut, 'audit');
is($exit, 0, 'the last row taken back, anchor and all');
($exit, $out, $err) = stele($program, $cut, 'audit', '--head', $head);
is($exit, 6, 'the head kept outside shows it');
like($out, qr/WRONG .*the head kept outside is not in the ledger/, 'in words');
($exit, $out, $err) = stele($program, $good, 'audit', '--head', 'r1:12');
is($exit, 2, 'a malformed head is a mistake, not a finding');

# Rewritten with a false state digest: hash and chain are fine, the digest isn't.
my %false = (%{$rows[4]}, state => $rows[3]{state});
$false{hash} = row_hash(\%false, $rows[3]{hash});
found('a false state digest', tampered($good, "UPDATE stele.ledger SET state = '$false{state}', hash = '\\x$false{hash}' WHERE seq = 5; " . moved(\%false)),
    'the state digest of row 5 of component "main" is not that of what was applied', up => 0);

# The guards.
for my $role ('origin', 'replica') {
    for my $statement ('UPDATE stele.ledger SET name = name', 'UPDATE stele.ledger SET name = name WHERE false', 'DELETE FROM stele.ledger',
        'TRUNCATE stele.ledger', 'TRUNCATE stele.ledger CASCADE', 'DELETE FROM stele.anchor', 'TRUNCATE stele.anchor',
        'TRUNCATE stele.anchor, stele.ledger') {
        ($exit, $out, $err) = run(postgres('psql'), '-XqAt', '-v', 'VERBOSITY=verbose', '-d', url($good), '-c', "SET session_replication_role = $role", '-c', $statement);
        isnt($exit, 0, "$statement is refused ($role)");
        like($err, qr/ERROR:  55000: stele: \w+ of stele\.\w+ is refused.*append-only/s, 'with what it is');
    }
}
is_deeply([ledger_rows($good)], \@rows, 'the ledger is untouched');
for my $case (
    ['disabled', 'ALTER TABLE stele.ledger DISABLE TRIGGER append_only', 'ledger'],
    ['only for an origin', 'ALTER TABLE stele.ledger ENABLE TRIGGER append_only', 'ledger'],
    ['only for a replica', 'ALTER TABLE stele.ledger ENABLE REPLICA TRIGGER append_only', 'ledger'],
    ['dropped', 'DROP TRIGGER append_only ON stele.ledger', 'ledger'],
    ['without TRUNCATE', 'DROP TRIGGER append_only ON stele.ledger; CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON stele.ledger EXECUTE FUNCTION stele.refuse(); ALTER TABLE stele.ledger ENABLE ALWAYS TRIGGER append_only', 'ledger'],
    ['for one column', 'DROP TRIGGER append_only ON stele.ledger; CREATE TRIGGER append_only BEFORE UPDATE OF reason OR DELETE OR TRUNCATE ON stele.ledger EXECUTE FUNCTION stele.refuse(); ALTER TABLE stele.ledger ENABLE ALWAYS TRIGGER append_only', 'ledger'],
    ['with a condition', 'DROP TRIGGER append_only ON stele.ledger; CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON stele.ledger WHEN (false) EXECUTE FUNCTION stele.refuse(); ALTER TABLE stele.ledger ENABLE ALWAYS TRIGGER append_only', 'ledger'],
    ['of another function', q{DROP TRIGGER append_only ON stele.ledger; CREATE SCHEMA x; CREATE FUNCTION x.refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON stele.ledger EXECUTE FUNCTION x.refuse(); ALTER TABLE stele.ledger ENABLE ALWAYS TRIGGER append_only}, 'ledger'],
    ['with an empty function', q{CREATE OR REPLACE FUNCTION stele.refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'}, 'ledger'],
    ['disabled', 'ALTER TABLE stele.anchor DISABLE TRIGGER keep', 'anchor'],
    ['dropped', 'DROP TRIGGER keep ON stele.anchor', 'anchor'],
) {
    my ($how, $sql, $table) = @{$case};
    my $copy = tampered($good, '');
    psql($copy, $sql);
    ($exit, $out, $err) = stele($program, $copy, 'audit');
    is($exit, 6, "the guard of $table $how: audit finds it") or diag($out);
    like($out, qr/WRONG .*the trigger that makes table "$table" refuse changes is off or gone/, 'and says what');
}

# A ledger that a later stele wrote, for later readers.
{
    my $later = tampered($good, 'UPDATE stele.anchor SET reader = 2');
    for my $command ('check', 'up', 'plan', 'status', 'history', 'audit') {
        ($exit, $out, $err) = stele($with_work, $later, $command);
        is($exit, 7, "a ledger for later readers: $command refuses") or diag($out, $err);
        like($err, qr/the ledger of component "main" is of format 2; this program reads up to format 1\nhint: build this program with a newer stele/, 'and says why');
    }
}

# The whole table gone is no fresh database.
for my $case (['ledger', 'DROP TABLE stele.ledger CASCADE'], ['anchor', 'DROP TABLE stele.anchor']) {
    my ($table, $sql) = @{$case};
    my $copy = tampered($good, '');
    psql($copy, $sql);
    # The boot check reads the anchor alone.
    for my $command ('audit', 'up', $table eq 'anchor' ? 'check' : ()) {
        ($exit, $out, $err) = stele($command eq 'up' ? $with_work : $program, $copy, $command);
        is($exit, 6, "the table $table dropped: $command refuses") or diag($out, $err);
        like($err, qr/the ledger was changed: its table "$table" is gone/, 'and says so');
    }
}
my $gone = tampered($good, '');
psql($gone, 'DROP SCHEMA stele CASCADE');
($exit, $out, $err) = stele($program, $gone, 'audit', '--head', $head);
is($exit, 6, 'the whole schema dropped: the head kept outside shows it');

done_testing();
