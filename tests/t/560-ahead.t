#!/usr/bin/perl
# A database that is ahead of the program: what the ledger says of each newer migration decides whether the older program goes on. It then
# does nothing, and says so, in words, in JSON and in what the library returns.

use strict;
use warnings;

use JSON::PP;
use Stele::Ledger;
use Stele::Test;
use Test::More;
use Time::HiRes qw(time);

my ($exit, $out, $err);
my %own = (
    '001_a.sql'  => "CREATE TABLE a (x int, y int);\n-- stele: down\nDROP TABLE a;\n",
    '002_b.sql'  => "CREATE TABLE b (x int);\n-- stele: down\nDROP TABLE b;\n-- stele: verify\nSELECT count(*) = 0 FROM b;\n",
    'R_view.sql' => "CREATE OR REPLACE VIEW v AS SELECT x FROM a;\n",
);

# A program with these files more, or other ones.
sub with { return program(migrations({%own, @_})) }

my $older = with();
my $start = fresh_database();
is((stele($older, $start, 'up'))[0], 0, 'the older program is up');

# A copy of that database, and a newer program up on it.
sub newer {
    my ($program) = @_;
    my $copy = tampered($start, '');
    ($exit, $out, $err) = stele($program, $copy, 'up');
    is($exit, 0, 'a newer program is up') or diag($err);
    return $copy;
}

sub compat { return psql($_[0], "SELECT coalesce(compat, 'null') FROM stele.ledger WHERE version = '$_[1]' ORDER BY seq DESC LIMIT 1") }
sub rows { return psql($_[0], 'SELECT count(*) FROM stele.ledger') }

# --- what is written, and what becomes of it
my @cases = (
    ['a new table', "CREATE TABLE c (x int);\n", 'expand', 0],
    ['a new column', "ALTER TABLE b ADD COLUMN z int;\n", 'expand', 0],
    ['a dropped column', "ALTER TABLE a\n  DROP COLUMN y;\n", 'contract: 003_c.sql:1: ALTER TABLE a DROP COLUMN y', 7],
    ['a dropped column that nobody has any more', "-- stele: expand \"unused since 1.2\"\nALTER TABLE a DROP COLUMN y;\n", 'expand: unused since 1.2', 0],
    ['a new table that stands in the way', "-- stele: contract \"old programs count tables\"\nCREATE TABLE c (x int);\n",
        'contract: old programs count tables', 7],
    ['a DO', "DO \$\$ BEGIN END \$\$;\n", 'opaque', 7],
    ['a DO that the author knows', "-- stele: expand \"nothing\"\nDO \$\$ BEGIN END \$\$;\n", 'expand: nothing', 0],
    ['a column dropped on the way back alone', "CREATE TABLE c (x int);\n-- stele: down\nALTER TABLE a DROP COLUMN y;\nDROP TABLE c;\n", 'expand', 0],
);
for my $case (@cases) {
    my ($name, $text, $written, $expected) = @{$case};
    my $database = newer(with('003_c.sql' => $text));
    is(compat($database, '003'), $written, "$name: what the ledger says");
    for my $command ('check', 'up', 'plan', 'audit', 'status --exit-code') {
        ($exit, $out, $err) = stele($older, $database, split(/ /, $command));
        is($exit, $expected, "$name: $command of the older program") or diag($out, $err);
        next if $command =~ /status/;
        my $words = 'the database is ahead of this program';
        like("$out$err", $expected == 0 ? qr/^(?:  ok      )?$words by 1 migration, which older programs can live with: 003_c\.sql$/m
            : $written =~ /contract: (.*)/ ? qr/$words: "003_c\.sql" was applied to it, which older programs can't live with: \Q$1\E$/m
            : qr/$words: "003_c\.sql" was applied to it, which older programs can't live with: nobody can tell what it does/m, "$name: $command says so");
        like("$out$err", qr/hint: run a program that was built with this migration/, "$name: $command says what to do") if $expected;
    }
    is((stele($older, $database, 'verify'))[0], 0, "$name: verify checks what this program has");
}

# --- in every form
my $expanding = with('003_c.sql' => "CREATE TABLE c (x int);\n-- stele: down\nDROP TABLE c;\n", '004_d.sql' => "CREATE TABLE d (x int);\n-- stele: down\nDROP TABLE d;\n",
    'R_view.sql' => "CREATE OR REPLACE VIEW v AS SELECT x, x + 1 AS next FROM a;\n", 'R_more.sql' => "CREATE OR REPLACE VIEW w AS SELECT 1 AS one;\n");
my $ahead = newer($expanding);
my $before = rows($ahead);
($exit, $out, $err) = stele($older, $ahead, 'check', '--json');
my ($event, $result) = json_lines($out);
is_deeply([@{$event}{qw(event ahead message)}], ['ahead', 2, 'the database is ahead of this program by 2 migrations, which older programs can live with: 003_c.sql, 004_d.sql'],
    'JSON: an event');
is_deeply([@{$result}{qw(event status pending ahead version)}], ['result', 0, 0, 2, '004'], 'JSON: the result');
like($result->{head}, qr/^r1:[0-9a-f]{64}$/, 'with the head');
($exit, $out, $err) = stele($older, $ahead, 'up', '--json');
($event, $result) = json_lines($out);
is("$exit $event->{event} $result->{ahead} $result->{applied}", '0 ahead 2 0', 'JSON of up');
($exit, $out, $err) = stele($older, $ahead, 'up');
like($out, qr/\Athe database is ahead of this program by 2 migrations.*\nnothing to do; the database is at 004\nhead r1:/, 'up in words');
($exit, $out, $err) = stele($older, $ahead, 'plan');
like($out, qr/\Athe database is ahead.*\nnothing to do\n\z/, 'plan in words');
($exit, $out, $err) = stele($older, $ahead, 'verify');
like($out, qr/\Athe database is ahead/, 'verify in words');
($exit, $out, $err) = stele($older, $ahead, 'verify', '--tap');
like($out, qr/\A# the database is ahead of .*\nok 1 - /, 'and in TAP a comment');
($exit, $out, $err) = stele($older, $ahead, 'status');
like($out, qr/^  applied     001_a\.sql.*^  applied     002_b\.sql.*^  newer       R_view\.sql .*^  newer       003_c\.sql .*^  newer       004_d\.sql /ms, 'status lists what is newer');
like($out, qr/^6 migrations: 2 applied, 4 newer$/m, 'and counts it');
($exit, $out, $err) = stele($older, $ahead, 'audit', '--json');
is_deeply([map { "$_->{ok} $_->{title}" } grep { $_->{event} eq 'check' && $_->{check} eq 'ahead/main' } json_lines($out)],
    ['1 the database is ahead of this program by 2 migrations, which older programs can live with: 003_c.sql, 004_d.sql'], 'audit has a line of its own');
($exit, $out, $err) = stele($expanding, $ahead, 'history', '--json');
is_deeply([map { $_->{compat} } grep { $_->{event} eq 'row' } json_lines($out)], [('expand') x 7], 'history --json has what the ledger says');
is((stele($older, $ahead, 'plan', '--sql'))[1], "-- nothing to do\n", 'and a script has nothing to do');
is(rows($ahead), $before, 'nothing was written');
is(psql($ahead, 'SELECT count(*) FROM information_schema.columns WHERE table_name IN (\'v\', \'w\')'), 3, "the views are the newer program's");
for my $command ('check', 'up', 'plan', 'audit', 'status --exit-code') {
    ($exit, $out, $err) = stele($older, $ahead, split(/ /, $command), '--exact');
    is($exit, 7, "$command --exact refuses");
    like($err, qr/"003_c\.sql" was applied to it$/m, 'by name') if $command !~ /status|audit/;
}
is((stele($older, $ahead, 'down', '--exact'))[0], 2, 'where it has no meaning it is refused');

# --- by calls
{
    my $caller = application('skew', migrations({%own}));
    ($exit, $out, $err) = run($caller, url($ahead));
    is("$exit|$err", '0|', 'the library');
    is($out, "check 0, 2 ahead, 0 pending, at 004\nahead 2: the database is ahead of this program by 2 migrations, which older programs can live with: 003_c.sql, 004_d.sql\n"
        . "up 0, 2 ahead, 0 pending, at 004\nexact 7\n", 'says how far ahead the database is');
}

# --- a gap of its own
{
    my $branch = with('0025_x.sql' => "CREATE TABLE x (x int);\n");
    for my $command ('check', 'up', 'plan', 'audit', 'up --out-of-order') {
        my $other = with('002.5_x.sql' => "CREATE TABLE x (x int);\n");
        ($exit, $out, $err) = stele($other, $ahead, split(/ /, $command));
        is($exit, 7, "$command of a program with one below the newer ones") or diag($out, $err);
        like($err, qr/"002\.5_x\.sql" is not applied, and the database is ahead of this program by 2 migrations, .*: 003_c\.sql, 004_d\.sql$/m, 'says which');
        like("$out$err", qr/hint: run up of a program that has all of them; .*give "002\.5_x\.sql" a version above/, 'and what to do');
    }
    my $more = with('R_third.sql' => "CREATE OR REPLACE VIEW third AS SELECT 3 AS three;\n");
    ($exit, $out, $err) = stele($more, $ahead, 'up');
    is($exit, 7, 'a repeatable that was never applied');
    like($err, qr/"R_third\.sql" is not applied, and the database is ahead.*\n.*hint: run up of the newer program/, 'is for the newer program');
    is(rows($ahead), $before, 'nothing was written');
}

# --- repeatables that a newer program changed
for my $case (["DROP VIEW IF EXISTS v;\nCREATE VIEW v AS SELECT x FROM a;\n" => 0], ["-- stele: contract \"another v\"\nCREATE OR REPLACE VIEW v AS SELECT x FROM a;\n" => 7],
    ["-- the same\nCREATE OR REPLACE VIEW v AS SELECT x FROM a;\n" => 0]) {
    my ($text, $expected) = @{$case};
    my $database = newer(with('003_c.sql' => "CREATE TABLE c (x int);\n", 'R_view.sql' => $text));
    is((stele($older, $database, 'up'))[0], $expected, 'a repeatable of a newer program counts as well');
    is((stele($older, $database, 'check'))[0], $expected, 'also for check');
}
{   # Without a newer version nobody can tell who is older: the program that ran last decides.
    my $database = newer(with('R_view.sql' => "-- stele: contract \"another v\"\nCREATE OR REPLACE VIEW v AS SELECT x FROM a;\n"));
    is((stele($older, $database, 'check'))[0], 5, 'repeatables alone make no program older');
}

# --- parameters must still agree
{
    my %with = (%own, 'stele.conf' => "parameter word literal run\n", '002_b.sql' => "CREATE TABLE b (t text DEFAULT \${word});\n");
    my $one = program(migrations({%with}));
    my $two = program(migrations({%with, '003_c.sql' => "CREATE TABLE c (x int);\n"}));
    my $database = fresh_database();
    is((stele($two, $database, 'up', '-D', 'word=yes'))[0], 0, 'with a parameter');
    is((stele($one, $database, $_))[0], 0, "$_ of the older one takes it from there") for 'check', 'up', 'plan';
    for my $command ('check', 'up', 'plan') {
        ($exit, $out, $err) = stele($one, $database, $command, '-D', 'word=no');
        is($exit, 9, "$command with another value");
        unlike($out, qr/ahead/, 'and nothing else is said');
    }
}

# --- half applied, half taken back
{
    my $steps = with('003_c.sql' => "CREATE TABLE c (x int);\nCREATE INDEX CONCURRENTLY c_x ON c (x);\nCREATE TABLE taken (x int);\n-- stele: down\n"
        . "CREATE TABLE other ();\nDROP INDEX CONCURRENTLY c_x;\nDROP TABLE c;\nDROP TABLE taken;\n");
    my $database = tampered($start, 'CREATE TABLE taken ()');
    is((stele($steps, $database, 'up'))[0], 1, 'the newer one fails half-way');
    is(psql($database, q{SELECT string_agg(action || ' ' || compat, ', ' ORDER BY seq) FROM stele.ledger WHERE version = '003'}),
        'step expand, begin expand, step expand', 'each step says it');
    is((stele($older, $database, $_))[0], 0, "$_ of the older one: what is on the way can be lived with") for 'check', 'up', 'plan', 'audit';
    psql($database, 'DROP TABLE taken');
    is((stele($steps, $database, 'up'))[0], 0, 'the newer one goes on');
    psql($database, 'CREATE TABLE other ()');
    is((stele($steps, $database, 'down', '--allow-destructive'))[0], 1, 'and fails half-way back');
    is((stele($older, $database, $_))[0], 0, "$_ of the older one") for 'check', 'plan', 'audit';
    my $contract = with('003_c.sql' => "-- stele: contract \"no\"\nCREATE TABLE c (x int);\nVACUUM a;\nCREATE TABLE taken (x int);\n");
    $database = tampered($start, 'CREATE TABLE taken ()');
    is((stele($contract, $database, 'up'))[0], 1, 'another one fails half-way');
    for my $command ('plan', 'audit') {
        ($exit, $out, $err) = stele($older, $database, $command);
        is($exit, 7, "$command of the older one: that can't be lived with");
        like("$out$err", qr/"003_c\.sql" is half applied, which older programs can't live with: no$/m, 'as it says');
    }
}

# --- back by the older program, and up again
{
    my $database = tampered($ahead, '');
    ($exit, $out, $err) = stele($older, $database, 'down');
    is($exit, 7, 'down of the older program needs to be told');
    like($err, qr/hint: take it back by the script that the ledger keeps, with --from-ledger/, 'how');
    is((stele($older, $database, 'redo'))[0], 7, 'redo: only the newer program has it');
    is((stele($older, $database, 'down', '--from-ledger'))[0], 0, 'one is taken back');
    ($exit, $out, $err) = stele($older, $database, 'up');
    is($exit, 7, "the repeatables went with it: now the newer program's are missing");
    like($err, qr/"R_view\.sql" is not applied, and the database is ahead of this program by 1 migration/, 'as it says');
    is((stele($older, $database, 'down', '2', '--from-ledger'))[0], 0, 'the other one, too');
    psql($database, 'DROP VIEW v');
    is((stele($older, $database, 'up'))[0], 0, 'then the older program has its own');
    is((stele($older, $database, 'audit'))[0], 0, 'and the audit agrees');
    is((stele($expanding, $database, 'up'))[0], 0, 'and the newer goes up again');
    is((stele($older, $database, 'check'))[0], 0, 'which the older can live with');
}

# --- what was taken for a contract, and isn't: the file says so, and the ledger is told
{
    my %newer = (%own, '003_c.sql' => "DO \$\$ BEGIN END \$\$;\n");
    my $dir = migrations({%newer});
    my $database = newer(program($dir));
    is((stele($older, $database, 'check'))[0], 7, 'nobody can tell');
    my $knows = with('003_c.sql' => "-- stele: expand \"it does nothing\"\n$newer{'003_c.sql'}");
    is((stele($knows, $database, 'up'))[0], 6, 'the file that says more is an edit');
    is((stele($knows, $database, 'repair', 'accept', '003', '--reason', 'it was an expand'))[0], 0, 'which is accepted');
    is(compat($database, '003'), 'expand: it does nothing', 'the new row says it');
    is((stele($older, $database, 'check'))[0], 0, 'and the older program goes on');
}

# --- rows that say nothing, and rows that say what nobody knows; several
{
    my $contract = with('003_c.sql' => "CREATE TABLE c (x int);\n", '004_d.sql' => "-- stele: contract \"why\"\nCREATE TABLE d (x int);\n");
    ($exit, $out, $err) = stele($older, newer($contract), 'up');
    is($exit, 7, 'one of two');
    like($err, qr/"004_d\.sql" was applied to it, which older programs can't live with: why$/m, 'is named, the one that matters');
    like($err, qr/\(row \d+, .*, with stele \d/, 'with the build that applied it');
    for my $case (['NULL', qr/can't live with: the ledger says nothing of it$/m], [q('perhaps'), qr/can't live with: the ledger says "perhaps" of it$/m], [q('expandable'), qr/says "expandable"/]) {
        my ($value, $message) = @{$case};
        my $database = newer($expanding);
        psql($database, "ALTER TABLE stele.ledger DISABLE TRIGGER ALL; UPDATE stele.ledger SET compat = $value WHERE version = '004'");
        is((stele($older, $database, 'check'))[0], 6, "compat $value without its hash is tampering");
        my @rows = ledger_rows($database);
        for my $i (1 .. $#rows) {
            psql($database, sprintf(q{UPDATE stele.ledger SET hash = '\x%s' WHERE seq = %d}, $rows[$i]{hash} = row_hash($rows[$i], $rows[$i - 1]{hash}), $i + 1));
        }
        psql($database, sprintf(q{UPDATE stele.anchor SET hash = '\x%s'; ALTER TABLE stele.ledger ENABLE ALWAYS TRIGGER append_only}, $rows[-1]{hash}));
        ($exit, $out, $err) = stele($older, $database, 'check');
        is($exit, 7, "compat $value is refused");
        like($err, $message, 'with the reason');
    }
}

# --- one component is ahead, another has work to do
{
    my %two = ('001_a.sql' => "CREATE TABLE a (x int);\n", '100_m.sql' => "-- stele: component other\nCREATE TABLE m (x int);\n");
    my $one = program(migrations({%two, '101_n.sql' => "-- stele: component other\nCREATE TABLE n (x int);\n"}));
    my $two = program(migrations({%two, '002_b.sql' => "CREATE TABLE b (x int);\n"}));
    my $database = fresh_database();
    is((stele($two, $database, 'up'))[0], 0, 'two components');
    is((stele($one, $database, 'check'))[0], 5, 'one is ahead, of the other something is pending');
    ($exit, $out, $err) = stele($one, $database, 'up');
    is($exit, 0, 'which is applied') or diag($err);
    like($out, qr{^the database is ahead of this program by 1 migration, which older programs can live with: main/002_b\.sql\n(?:.*\n)*  other/101_n\.sql}ms, 'and both are told');
    is((stele($one, $database, 'audit'))[0], 0, 'and the audit agrees');
    is((stele($one, $database, 'up'))[0], 0, 'then there is nothing to do');
}

# --- the boot check of an older program: it reads the rows, which 5,000 of them show
{
    my %many = map { sprintf('%05d_m.sql', $_) => "SELECT $_;\n" } 1 .. 5000;
    my $new = program(migrations({%many}));
    my $large = fresh_database();
    is((stele($new, $large, 'up', '--quiet'))[0], 0, '5,000 migrations');
    delete $many{'05000_m.sql'};
    my $old = program(migrations({%many}));
    for my $case ([$new, 'up to date'], [$old, 'ahead by one']) {
        my $begin = time();
        ($exit, $out, $err) = stele($case->[0], $large, 'check');
        my $took = time() - $begin;
        is($exit, 0, "check of 5,000, $case->[1]") or diag($err);
        cmp_ok($took, '<', 30, sprintf('is quick: %.0f ms', 1000 * $took));
    }
}

done_testing();
