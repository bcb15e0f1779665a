#!/usr/bin/perl
# A migration of several files: complaints, plans and verdicts name the file that they are about, with its own lines; each file is
# sealed; and make looks at all that was read.
use strict;
use warnings;
use Test::More;
use Stele::Test;

# ----------------------------------------------------------------- at run time

my %pairs = (
    '001_a.up.sql'   => "CREATE TABLE a (x int);\n\n\nCREATE TABLE later (x int);",
    '001_a.down.sql' => "-- in two lines\nDROP TABLE later;\n\n  DROP TABLE missing;\nDROP TABLE a;\n",
    '002_b.up.sql'   => "ALTER TABLE a ADD COLUMN y int;\n",
    '002_b.down.sql' => "ALTER TABLE a DROP COLUMN y;",
);
my $dir = migrations({%pairs});
(my $folder = $dir) =~ s{.*/}{};
my $program = program($dir);
my $db = fresh_database();
is((stele($program, $db, 'up'))[0], 0, 'pairs are applied');
psql($db, 'INSERT INTO a VALUES (1, 2)');

my ($exit, $out, $err) = stele($program, $db, 'plan', '--down');
like($out, qr/^002_b.up.sql .*\n  002_b.down.sql:\n      1  ALTER TABLE a DROP COLUMN y$/m, 'plan --down names the down file, and its lines');
($exit, $out, $err) = stele($program, $db, 'plan', '--down', '--json');
like($out, qr/"event":"statement","file":"002_b.down.sql","line":1,/, 'so it does in JSON');
($exit, $out, $err) = stele($program, $db, 'down');
is($exit, 9, 'a loss is refused');
like($err, qr{^$folder/002_b.down.sql:1:1: error: taking "002_b.up.sql" back destroys 1 value of column "y" of "a"\n    1 \| ALTER TABLE a DROP COLUMN y;\n}m,
    'in the down file');
is((stele($program, $db, 'down', '--allow-destructive'))[0], 0, 'it can be taken back');
($exit, $out, $err) = stele($program, $db, 'down', '--allow-destructive');
is($exit, 1, 'a failure on the way back is one');
like($err, qr{^$folder/001_a.down.sql:4:3: error: table "missing" does not exist \[42P01\]\n    4 \|   DROP TABLE missing;\n      \|   \^\n}m,
    'and names the file of the way back, its line and column');

# From the ledger, where only its script is.
my $older = program(migrations({map { ($_ => $pairs{$_}) } grep { /^001/ } keys %pairs}));
is((stele($program, $db, 'up'))[0], 0, 'applied again');
($exit, $out, $err) = stele($older, $db, 'down', '001', '--from-ledger', '--allow-destructive');
is($exit, 0, 'an older program takes it back from the ledger') or diag($err);

# As a script for psql.
my $by_script = fresh_database();
($exit, $out, $err) = run($program, 'plan', '--sql', ':');
psql($by_script, $out);
is((stele($program, $by_script, 'check'))[0], 0, 'a script for psql brings another database to the end');
($exit, $out, $err) = run($program, 'plan', '--sql', '--down', '002:001');
psql($by_script, $out);
is((stele($program, $by_script, 'check'))[0], 5, 'and one takes it back');

# Verify files.
my $sqitch = migrations({
    'sqitch.plan'     => "%project=p\n\none 2024-01-01T00:00:00Z N <m>\ntwo [one] 2024-01-01T00:00:00Z N <m>\n",
    'deploy/one.sql'  => 'CREATE TABLE one (x int)',
    'verify/one.sql'  => "-- no line of SQL above\nBEGIN;\nSELECT 1/count(*) FROM one;\nROLLBACK;\n",
    'deploy/two.sql'  => 'CREATE TABLE two (x int);',
    'verify/two.sql'  => 'SELECT x FROM two WHERE false',
});
$db = fresh_database();
is((stele(program($sqitch), $db, 'up'))[0], 0, 'a sqitch project is applied');
($exit, $out, $err) = stele(program($sqitch), $db, 'verify');
is($exit, 1, 'a verify script that fails is a failure');
like($out, qr{FAILED  [^/]+/verify/one.sql:3: SELECT 1/count\(\*\) FROM one\n +division by zero \[22012\]}, 'which names its file and line');
like($out, qr{ok      [^/]+/verify/two.sql:1: the script succeeds}, 'one that returns nothing passes');
($exit, $out, $err) = stele(program($sqitch), $db, 'verify', '--json');
like($out, qr{"ok":false,"component":"p","version":"1","name":"one","file":"verify/one.sql","line":3,}, 'in JSON too');
psql($db, 'INSERT INTO one VALUES (1)');
is((stele(program($sqitch), $db, 'verify'))[0], 0, 'and it passes when nothing in it fails');

my $other = migrations({
    'sqitch.plan' => "%project=q-app\n\nuses [p:two] 2024-01-01T00:00:00Z N <m>\n",
    'sqitch.conf' => "[core]\n\tengine = pg\n\ttop_dir = db/sql\n[engine \"pg\"]\n\tdeploy_dir = \"db/deploy\" # here\n",
    'db/deploy/uses.sql'     => 'CREATE VIEW uses AS SELECT x FROM two;',
    'db/sql/verify/uses.sql' => 'SELECT x FROM uses WHERE false; SELECT false;',
});
my $joined = temporary();
($exit, $out, $err) = build("$other $sqitch", $joined);
is($exit, 0, 'two projects go into one program, named by their plans') or diag($err);
$db = fresh_database();
($exit, $out, $err) = stele($joined, $db, 'up', '--verify');
is($exit, 1, 'up --verify runs the verify scripts as well');
like($err, qr{verify/one.sql:3:1: error: division by zero}, 'and stops at one that fails');
is((stele($joined, $db, 'up'))[0], 0, 'what one requires of the other comes first');
psql($db, 'INSERT INTO one VALUES (1)');
($exit, $out, $err) = stele($joined, $db, 'verify', 'q_app/1');
like("$exit $out", qr{^0 .*ok      [^/]+/db/sql/verify/uses.sql:1: the script succeeds}s, 'the scripts lie where sqitch.conf says');

# --------------------------------------------------------------------- sealing

sub seal_again {
    my ($change, @options) = @_;
    my $copy = migrations({%pairs, 'stele.lock' => read_file("$dir/stele.lock")});
    migrations($change, $copy);
    my @result = run(built('stelec'), 'seal', @options, $copy);
    $result[2] =~ s/\Q$copy\E/DIR/g;
    return @result;
}
($exit, $out, $err) = seal_again({});
is("$exit|$out|$err", '0||', 'sealed pairs are what they were');
($exit, $out, $err) = seal_again({'002_b.down.sql' => "ALTER TABLE a DROP COLUMN z;"});
is($exit, 1, 'an edited down file is refused');
like($err, qr{^DIR/002_b.down.sql: error: "002_b.down.sql" of sealed migration "002_b.up.sql" was edited\nnote: sealed as s1:[0-9a-f]{64}\nnote: is now    s1:[0-9a-f]{64}\nhint: undo the edit and write a new migration, or, .*: stelec seal --amend 002 DIR\nstelec: 1 error},
    'by its name, with both sums');
($exit, $out, $err) = seal_again({'002_b.down.sql' => "ALTER TABLE a\n  DROP COLUMN y;"});
like($err, qr/"002_b.down.sql" of sealed migration "002_b.up.sql" was reformatted/, 'one that was only reformatted is called so');
($exit, $out, $err) = seal_again({'002_b.up.sql' => "ALTER TABLE a ADD COLUMN z int;\n"});
like($err, qr/^DIR\/002_b.up.sql: error: sealed migration "002_b.up.sql" was edited\n/, 'an edited up file is the migration itself');
($exit, $out, $err) = seal_again({'002_b.down.sql' => undef});
like($err, qr/^DIR\/002_b.up.sql: error: the down file of sealed migration "002_b.up.sql" is missing\nhint: put it back, or,/, 'a down file that is gone is missed');
($exit, $out, $err) = seal_again({'002_b.down.sql' => undef}, '--amend', '002');
is("$exit|$out", "0|amended 002_b.up.sql\n", 'unless that is meant');
my $single = migrations({'001_a.up.sql' => "SELECT 1;\n"});
run(built('stelec'), 'seal', $single);
migrations({'001_a.down.sql' => "SELECT 2;\n"}, $single);
($exit, $out, $err) = run(built('stelec'), 'seal', $single);
like($err, qr/001_a.down.sql: error: "001_a.down.sql" was added to sealed migration "001_a.up.sql"\nhint: take it away, or,/, 'a down file that was added later is refused');
is((stele($program, fresh_database(), 'up'))[0], 0, 'the program runs on an empty database');

my $edited = migrations({%pairs, '002_b.down.sql' => 'SELECT 1;'});
$db = fresh_database();
stele($program, $db, 'up');
($exit, $out, $err) = stele(program($edited), $db, 'up');
is($exit, 6, 'a program with another down file is refused by the database');
like($err, qr/"002_b.up.sql" was edited after it was applied/, 'as edited');

# ------------------------------------------------------------------------ make

my $folders = migrations({
    'V1__a.sql'               => 'SELECT 1;',
    'V1__a.sql.conf'          => "executeInTransaction=false\n",
    'U1__a.sql'               => 'SELECT 1;',
    'below/further/V2__b.sql' => 'SELECT 1;',
});
my $work = temporary(1);
run(built('stelec'), '-o', "$work/m.c", '--depfile', "$work/m.d", $folders);
my $rule = (split /\n\n/, read_file("$work/m.d"))[0];
for my $input (qw(/. /V1__a.sql /V1__a.sql.conf /U1__a.sql /below /below/further /below/further/V2__b.sql)) {
    like($rule, qr/ \Q$folders$input\E(?: \\)?$/m, "make looks at DIR$input");
}

# ------------------------------------------------------------------ by its name

my $plain = migrations({'V1__a.sql' => "CREATE TABLE v (x int);\n", '001_x.sql' => "CREATE TABLE x (x int);\n"});
my $made = temporary();
($exit, $out, $err) = run('make', '-s', '-C', top(), 'program', "MIGRATIONS=$plain", "PROGRAM=$made", 'LAYOUT=flyway', 'BUILD=' . (built('') =~ s{^\Q${\top()}\E/|/$}{}gr));
is($exit, 0, 'make program takes LAYOUT') or diag($err);
$db = fresh_database();
stele($made, $db, 'up');
is(psql($db, "SELECT to_regclass('v') IS NOT NULL, to_regclass('x') IS NULL"), 't|t', 'and the folder is read so');
unlink "$plain/stele.lock";
($exit, $out, $err) = run(built('stelec'), 'seal', $plain);
is($exit, 1, 'without, nobody can say in which layout it is');
migrations({'stele.conf' => "layout stele\n"}, $plain);
($exit, $out, $err) = run(built('stelec'), 'seal', $plain);
like("$exit|$err", qr/^1\|.*V1__a.sql: error: file name is neither VERSION_name.sql nor R_name.sql/, 'stele.conf may say it, too');
like((run(built('stelec'), 'seal', '--layout', 'rails', $plain))[2], qr/^stelec: there is no layout "rails": stele, golang-migrate, /, 'one that there is');

# ------------------------------------------------------------------ a new one

my %new = (
    'golang-migrate' => [{'000009_a.up.sql' => ''}, '000010_x.up.sql 000010_x.down.sql'],
    goose            => [{'00001_a.sql' => "-- +goose Up\n"}, '00002_x.sql'],
    dbmate           => [{'1_a.sql' => "-- migrate:up\n", '10_b.sql' => "-- migrate:up\n"}, '11_x.sql'],
    flyway           => [{'V1_9__a.sql' => ''}, 'V1.10__x.sql'],
);
for my $layout (sort keys %new) {
    my ($files, $expected) = @{$new{$layout}};
    my $folder = migrations($files);
    ($exit, $out, $err) = run(built('stelec'), 'new', 'x', $folder);
    is(join(' ', map { s{.*/}{}r } split /\n/, $out), $expected, "stelec new in a folder of $layout\'s") or diag($err);
    is((run(built('stelec'), 'seal', $folder))[0], 0, 'makes what can be built');
}
($exit, $out, $err) = run(built('stelec'), 'new', '--layout', 'goose', 'x', my $nothing = migrations({}));
like("$exit|" . read_file("$nothing/001_x.sql"), qr/^0\|-- \+goose Up\n/, 'the layout of an empty folder may be said');
($exit, $out, $err) = run(built('stelec'), 'new', 'x', migrations({'1_a/migration.sql' => ''}));
like("$exit|$err", qr/^1\|.*: error: stelec can't add a migration to a folder of prisma's\n/, 'a layout whose tool must make it is left to that');

done_testing();
