#!/usr/bin/perl
# Which migrations a `down` takes back, and what stops it before its first statement: no way back, destroyed data,
# another component that comes after, a migration that is half applied or edited.

use strict;
use warnings;

use Stele::Ledger;
use Stele::Test;
use Test::More;

my ($exit, $out, $err);

# What is applied, and then nothing but the ledger's length: to see that nothing was done.
sub applied { return join(' ', map { "$_->{component}/$_->{version}" } grep { $_->{event} eq 'migration' && $_->{standing} eq 'applied' } json_lines((stele($_[0], $_[1], 'status', '--json'))[1])) }
sub rows { return psql($_[0], 'SELECT count(*) FROM stele.ledger') }

# A down that is refused: its exit and complaint, and that nothing was written.
sub refused {
    my ($name, $program, $db, $arguments, $status, $complaint) = @_;
    my $before = rows($db);
    for my $command (['down'], ['plan', '--down'], ['redo']) {
        my @arguments = grep { !/^--allow/ || $command->[0] ne 'plan' } @{$arguments};
        next if $command->[0] eq 'redo' && grep { /ledger/ } @arguments;
        ($exit, $out, $err) = stele($program, $db, @{$command}, @arguments);
        is($exit, $status, "$name: @{$command} exits $status") or diag($out, $err);
        like($err, $complaint, "$name: and says why");
    }
    is(rows($db), $before, "$name: nothing was written");
    return;
}

# ------------------------------------------------------------------ which ones

my %plain = map { ("00$_\_m.sql" => "CREATE TABLE m$_ (x int);\n-- stele: down\nDROP TABLE m$_;\n") } 1 .. 5;
my $program = program(migrations(\%plain));
for my $case (
    [[], '1 2 3 4'], [['-1'], '1 2 3 4'], [['-2'], '1 2 3'], [['-5'], ''], [['--all'], ''], [['3'], '1 2 3'], [['003'], '1 2 3'], [['main/003'], '1 2 3'],
    [['5'], '1 2 3 4 5'], [['1'], '1'], [['--component', 'main', '-3'], '1 2'], [['--component=main', '002'], '1 2'],
) {
    my ($arguments, $left) = @{$case};
    my $db = fresh_database();
    stele($program, $db, 'up');
    my @planned = map { $_->{version} } grep { $_->{event} eq 'reversal' } json_lines((stele($program, $db, 'plan', '--down', @{$arguments}, '--json'))[1]);
    ($exit, $out, $err) = stele($program, $db, 'down', @{$arguments});
    is("$exit$err", '0', "down @{$arguments}");
    is(join(' ', map { s/.*00//r } split(/ /, applied($program, $db))), $left, "leaves \"$left\"");
    is(join(' ', map { s/^00//r } @planned), join(' ', reverse grep { my $v = $_; !grep { $_ eq $v } split(/ /, $left) } 1 .. 5), 'as plan --down had said');
}
my $db = fresh_database();
stele($program, $db, 'up', '3');
for my $case (
    [['4'], qr/^\S+: error: "4" is not applied, so there is no way back to it\nhint: /], [['9'], qr/"9" is not applied/], [['nonesuch/1'], qr/there is no component "nonesuch" in this program/],
    [['--component', 'x'], qr/there is no component "x" in this program/], [['-4'], qr/only 3 migrations are applied\nhint: down --all/],
) {
    refused("down @{$case->[0]}", $program, $db, $case->[0], 2, $case->[1]);
}

# One that was applied out of order is the youngest, but not the highest.
{
    my %late = %plain;
    delete $late{'002_m.sql'};
    my $first = program(migrations(\%late));
    my $out_of_order = sub {
        my $new = fresh_database();
        stele($first, $new, 'up', '4');
        ($exit) = stele($program, $new, 'up', '4', '--out-of-order');
        is($exit, 0, 'up --out-of-order');
        return $new;
    };
    for my $case ([[], '1 3 4'], [['-2'], '1 2 3', '1 3'], [['3'], '1 2 3'], [['2'], '1 2'], [['1'], '1'], [['--all'], '']) {
        my ($arguments, @left) = @{$case};
        $db = $out_of_order->();
        ($exit, $out, $err) = stele($program, $db, 'down', @{$arguments});
        is("$exit$err", '0', "out of order: down @{$arguments}");
        is(join(' ', map { s/.*00//r } split(/ /, applied($program, $db))), $left[-1], "leaves \"$left[-1]\"");
        is(join(' ', grep { !m{^migration/main/002$} } map { $_->{check} } grep { $_->{event} eq 'check' && !$_->{ok} } json_lines((stele($program, $db, 'audit', '--json'))[1])),
            '', 'and a sound ledger');
    }
    $db = $out_of_order->();
    ($exit, $out, $err) = stele($program, $db, 'redo', '-2');
    is("$exit$err", '0', 'out of order: redo -2');
    is(psql($db, q{SELECT string_agg(version || ' ' || action, ', ' ORDER BY seq) FROM stele.ledger WHERE seq > 4}), '002 revert, 004 revert, 002 apply, 004 apply',
        'takes back by age, and applies in order');
}

# ---------------------------------------------------------------- no way back

my %odd = (%plain, '003_m.sql' => "CREATE TABLE m3 (x int);\n", '004_m.sql' => "-- stele: one-way \"it was merged; \\ 'so'\"\nCREATE TABLE m4 (x int);\n",
    '006_e.sql' => "CREATE TABLE m6 (x int);\n-- stele: down\n");
my $odd = program(migrations(\%odd));
$db = fresh_database();
is((stele($odd, $db, 'up'))[0], 0, 'up');
refused('one-way', $odd, $db, ['2'], 9, qr{^\S+/004_m\.sql: error: "004_m\.sql" has no way back: it was merged; \\ 'so'\nhint: nothing was taken back}m);
is((stele($odd, $db, 'down', '4'))[0], 0, 'what comes after it may go, also by an empty down section');
is(psql($db, q{SELECT to_regclass('m6') IS NOT NULL}), 't', 'which does nothing');
refused('one-way, the last', $odd, $db, [], 9, qr/has no way back: it was merged/);
$db = fresh_database();
is((stele($odd, $db, 'up', '3'))[0], 0, 'up');
refused('no down section', $odd, $db, [], 9, qr/"003_m\.sql" has no way back: it has no down section/);

# ------------------------------------------------------------- half applied, edited

my $half = program(migrations({%plain, '006_h.sql' => "CREATE TABLE h (x int);\nVACUUM;\nSELECT 1/0;\n-- stele: down\nDROP TABLE h;\n"}));
$db = fresh_database();
is((stele($half, $db, 'up'))[0], 1, 'an up that stops half-way');
refused('half applied', $half, $db, [], 1, qr{/006_h\.sql: error: "006_h\.sql" is half applied: there is no way back from there\nhint: finish it with up first});
refused('half applied, further back', $half, $db, ['3'], 1, qr/is half applied/);

my $edited = program(migrations({%plain, '004_m.sql' => "CREATE TABLE m4 (x bigint);\n-- stele: down\nDROP TABLE m4;\n"}));
$db = fresh_database();
stele($program, $db, 'up');
is((stele($edited, $db, 'down'))[0], 0, 'one that was not edited may go');
refused('edited', $edited, $db, [], 6, qr/"004_m\.sql" was edited after it was applied/);
is((stele($edited, $db, 'down', '--from-ledger'))[0], 0, "an edited one goes by the ledger's script");
is(psql($db, q{SELECT to_regclass('m4') IS NULL}), 't', 'which ran');
is((stele($edited, $db, 'up'))[0], 0, 'and then the new text can be applied');
is((stele($edited, $db, 'audit'))[0], 0, 'and the audit agrees');

# ------------------------------------------------------------------ destruction

my $lossy = program(migrations({
    '001_t.sql' => "CREATE TABLE t (x int, y text);\n-- stele: down\nDROP TABLE t;\n",
    '002_c.sql' => "ALTER TABLE t ADD COLUMN z text;\n-- stele: down\n\nALTER TABLE t\n  DROP COLUMN z;\n",
    '003_d.sql' => "SELECT 1;\n-- stele: down\nDELETE FROM t;\n",
    '004_t.sql' => "SELECT 1;\n-- stele: down\nTRUNCATE t;\n",
    '005_s.sql' => "CREATE SCHEMA \"s'\"\"s\";\nCREATE TABLE \"s'\"\"s\".u (x int);\n-- stele: down\nDROP SCHEMA \"s'\"\"s\" CASCADE;\n",
    '006_o.sql' => "SELECT 1;\n-- stele: down\nDO \$\$ BEGIN NULL; END \$\$;\n",
    '007_p.sql' => "CREATE TABLE p (x int) PARTITION BY LIST (x);\nCREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);\n-- stele: down\nDROP TABLE p;\n",
    '008_m.sql' => "CREATE TABLE \"Two words\" (x int);\n-- stele: down\nDROP TABLE \"Two words\", nonesuch;\n",
}));
my @steps = (
    # version, SQL before, what is told of the loss
    ['008', 'INSERT INTO "Two words" VALUES (1)', qr/^taking "008_m\.sql" back destroys 1 row of "Two words"$/, ['table', 1]],
    ['007', 'INSERT INTO p VALUES (1), (1), (1)', qr/^taking "007_p\.sql" back destroys 3 rows of "p"$/, ['table', 3]],
    ['006', '', qr/^taking "006_o\.sql" back may destroy data: only running it would tell$/, ['unknown', undef]],
    ['005', q{INSERT INTO "s'""s".u VALUES (1), (2)}, qr/^taking "005_s\.sql" back destroys 2 rows of the schema "s'""s"$/, ['schema', 2]],
    ['004', q{INSERT INTO t VALUES (1), (2), (3)}, qr/^taking "004_t\.sql" back destroys 3 rows of "t"$/, ['table', 3]],
    ['003', q{INSERT INTO t VALUES (1), (2), (3)}, qr/^taking "003_d\.sql" back destroys 3 rows of "t"$/, ['table', 3]],
    ['002', q{INSERT INTO t VALUES (1, 'a', NULL), (2, 'b', 'not null'), (3, 'c', '')}, qr/^taking "002_c\.sql" back destroys 2 values of column "z" of "t"$/, ['column', 2]],
    ['001', '', qr/^taking "001_t\.sql" back destroys 3 rows of "t"$/, ['table', 3]],
);
# With nothing in them nothing is destroyed, and no flag is needed; code can't be judged.
$db = fresh_database();
stele($lossy, $db, 'up');
psql($db, 'CREATE TABLE nonesuch ()');
($exit, $out, $err) = stele($lossy, $db, 'down', '6');
is("$exit|$err", '0|', 'empty tables may go') or diag($out);
unlike($out, qr/destroys/, 'and nothing is said of them');

$db = fresh_database();
stele($lossy, $db, 'up');
psql($db, 'CREATE TABLE nonesuch ()');
for my $step (@steps) {
    my ($version, $sql, $message, $loss) = @{$step};
    psql($db, $sql);
    my $before = rows($db);
    my @events = json_lines((stele($lossy, $db, 'down', '--json'))[1]);
    my ($error) = grep { $_->{event} eq 'error' } @events;
    my ($lost) = grep { $_->{event} eq 'loss' } @events;
    is($events[-1]{status}, 9, "$version: refused");
    like($error->{message}, $message, 'by name and number') or diag(explain(\@events));
    like($error->{hint}, qr/--allow-destructive/, 'with the way out');
    ok($error->{line} > 0 && $error->{source} =~ /^(?:DROP|ALTER|DELETE|TRUNCATE|DO)/, 'at the statement');
    is_deeply([@{$lost}{qw(kind rows)}], $loss, 'shown as a loss');
    is(rows($db), $before, 'and nothing was written');
    ($exit, $out, $err) = stele($lossy, $db, 'plan', '--down');
    like($out, qr/^  (?:may destroy data|destroys ).*\n1 migration to take back; down needs --allow-destructive\n\z/m, 'plan --down shows it, too');
    ($exit, $out, $err) = stele($lossy, $db, 'down', '--allow-destructive');
    is("$exit|$err", '0|', 'with --allow-destructive it is done') or diag($out);
    like($out, qr/^  (?:may destroy data|destroys )/m, 'and was shown before');
}

# Of many, all are shown and the first is named; what is lost further back counts as well.
$db = fresh_database();
stele($lossy, $db, 'up', '5');
psql($db, "INSERT INTO t VALUES (1)");
($exit, $out, $err) = stele($lossy, $db, 'down', '--all');
is($exit, 9, 'several losses');
is(scalar(() = $out =~ /^  destroys /mg), 3, 'all are shown') or diag($out);
like($err, qr/taking "004_t\.sql" back destroys 1 row/, 'the first is named');

# Rows that the role may not see are not taken for none.
{
    psql('postgres', 'CREATE ROLE narrow LOGIN');
    my $rls = program(migrations({'001_r.sql' => "CREATE TABLE r (x int);\nALTER TABLE r ENABLE ROW LEVEL SECURITY;\nALTER TABLE r FORCE ROW LEVEL SECURITY;\nCREATE POLICY none ON r USING (false) WITH CHECK (true);\n-- stele: down\nDROP TABLE r;\n"}));
    $db = fresh_database();
    psql($db, "GRANT CREATE ON DATABASE $db TO narrow; GRANT CREATE ON SCHEMA public TO narrow");
    is((run($rls, 'up', '--db', url($db, 'narrow')))[0], 0, 'up as a lesser role') or diag($err);
    psql($db, 'SET ROLE narrow; INSERT INTO r VALUES (1)');
    ($exit, $out, $err) = run($rls, 'down', '--db', url($db, 'narrow'));
    is($exit, 9, 'rows behind a policy');
    like($err, qr/taking "001_r\.sql" back destroys rows of "r" that can't be counted/, 'are not taken for none');
    is((run($rls, 'down', '--allow-destructive', '--db', url($db, 'narrow')))[0], 0, 'and may go, when allowed');
}

# ------------------------------------------------------------------- components

my %two = (
    '001_a.sql' => "-- stele: component one\nCREATE TABLE a (x int);\n-- stele: down\nDROP TABLE a;\n",
    '002_b.sql' => "-- stele: component one\nCREATE TABLE b (x int);\n-- stele: down\nDROP TABLE b;\n",
    '003_c.sql' => "-- stele: component two\n-- stele: after one/002\nCREATE TABLE c (x int);\n-- stele: down\nDROP TABLE c;\n",
    '004_d.sql' => "-- stele: component two\nCREATE TABLE d (x int);\n-- stele: down\nDROP TABLE d;\n",
);
my $two = program(migrations(\%two));
$db = fresh_database();
is((stele($two, $db, 'up'))[0], 0, 'two components');
refused('without a name', $two, $db, [], 2, qr/this program carries several components; say which one to take back\nhint: --component NAME/);
refused('what another component comes after', $two, $db, ['--component', 'one'], 9, qr/"002_b\.sql" can't be taken back: "003_c\.sql" of component "two" comes after it, and is applied\nhint: take that back first: down --component two/);
refused('all of it', $two, $db, ['--component', 'one', '--all'], 9, qr/comes after it, and is applied/);
($exit, $out, $err) = stele($two, $db, 'down', '--component', 'two', '-2');
is("$exit$err", '0', 'the one that comes after goes first');
like($out, qr{^two/004_d\.sql  applied}m, 'names have their component');
is(applied($two, $db), 'one/001 one/002', 'and the other component stays');
($exit, $out, $err) = stele($two, $db, 'down');
is("$exit$err", '0', 'now only one component has anything, so no name is needed');
is(applied($two, $db), 'one/001', 'and the rest of the way is free');
is((stele($two, $db, 'up'))[0], 0, 'up again');
($exit, $out, $err) = stele($two, $db, 'down', '3');
is("$exit$err", '0', 'a version that only one component has names it');
is(applied($two, $db), 'one/001 one/002 two/003', 'so the rest is left alone');
($exit, $out, $err) = stele($two, $db, 'redo', '--component', 'one');
is($exit, 9, 'redo of what another comes after is refused, too');
is((stele($two, $db, 'audit'))[0], 0, 'the audit agrees');

# ------------------------------------------------------------------ repeatables

my %seeds = (
    '001_t.sql' => "CREATE TABLE t (x int);\n-- stele: down\nDROP TABLE t;\n",
    '002_u.sql' => "CREATE TABLE u (x int);\n-- stele: down\nDROP TABLE u;\n",
    'R_seed.sql' => "INSERT INTO t SELECT 1 WHERE NOT EXISTS (SELECT FROM t);\n",
);
my $dir = migrations(\%seeds);
my $seeds = program($dir);
$db = fresh_database();
is((stele($seeds, $db, 'up'))[0], 0, 'up with a repeatable');
($exit, $out, $err) = stele($seeds, $db, 'down', '--all', '--allow-destructive');
is("$exit$err", '0', 'down takes the versioned ones back');
is((stele($seeds, $db, 'audit'))[0], 0, 'the audit agrees that the repeatable is out, too');
like((stele($seeds, $db, 'status'))[1], qr/^  pending     R_seed\.sql/m, 'status says that it is pending');
($exit, $out, $err) = stele($seeds, $db, 'up', '--json');
is(join(' ', map { $_->{file} } grep { $_->{event} eq 'applied' } json_lines($out)), '001_t.sql 002_u.sql R_seed.sql', 'so the next up runs it again');
is(psql($db, 'SELECT x FROM t'), '1', 'and the seed is there');
($exit, $out, $err) = stele($seeds, $db, 'redo', '-2', '--allow-destructive');
is("$exit$err", '0', 'redo');
is(psql($db, 'SELECT x FROM t'), '1', 'brings the seed back as well');
is((stele($seeds, $db, 'check'))[0], 0, 'and nothing is pending');
is((stele($seeds, $db, 'audit'))[0], 0, 'the audit agrees');
stele($seeds, $db, 'down');
($exit, $out, $err) = stele($seeds, $db, 'redo', '--allow-destructive', '--json');
is(join(' ', map { "$_->{event} $_->{file}" } grep { $_->{event} =~ /applied|reverted/ } json_lines($out)), 'reverted 001_t.sql applied 001_t.sql',
    'redo below something pending leaves the repeatable to up');
is((stele($seeds, $db, 'up'))[0], 0, 'which runs it');
is((stele($seeds, $db, 'check'))[0], 0, 'and nothing is pending');

# One that was taken out of the program.
unlink("$dir/R_seed.sql");
my $without = program($dir);
($exit, $out, $err) = stele($without, $db, 'status');
like($out, qr/^  removed     R_seed\.sql .*\n3 migrations: 2 applied, 1 removed$/m, 'status shows a removed repeatable');
is((stele($without, $db, 'check'))[0], 5, 'check says that there is something to do');
($exit, $out, $err) = stele($without, $db, 'plan');
is("$exit|$out", "0|R_seed.sql  not in this program any more: to be forgotten, and what it made stays\n1 to forget\n", 'plan says what');
($exit, $out, $err) = stele($without, $db, 'up');
like("$exit|$out", qr/^0\|  R_seed\.sql +forget\nforgot 1 migration; the database is at 002\n/, 'up forgets it');
is((stele($without, $db, 'check'))[0], 0, 'and nothing is pending');
like((stele($without, $db, 'history'))[1], qr/forget +R_seed\.sql.*\n.*\n      no longer in the program$/m, 'history has the reason');
is((stele($without, $db, 'audit'))[0], 0, 'the audit agrees');

done_testing();
