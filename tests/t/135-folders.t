#!/usr/bin/perl
# Several folders in one source: each a history of its own, with its own conf and lock, in one order.
use strict;
use warnings;
use Test::More;
use Stele::Test;

sub stelec { my ($work, @arguments) = @_; return run(built('stelec'), @arguments, {cwd => $work}) }

# Folders in a new one: work({a => {file => bytes}, ...}).
sub work {
    my (%folders) = @_;
    my $work = temporary(1);
    migrations($folders{$_}, "$work/$_") for keys %folders;
    return $work;
}

# The files of the table, in its order, with their folders.
sub order {
    my ($work) = @_;
    my $c = read_file("$work/m.c");
    my @folders = $c =~ /^ +\.directory = "(.*)",$/mg;
    my @files = $c =~ /^ +\.file = "(.*)",$/mg;
    return join(' ', map { "$folders[$_]/$files[$_]" } 0 .. $#files);
}

my $t = "CREATE TABLE t (x int);\n";
my %core = ('001_a.sql' => $t, '002_b.sql' => $t, 'R_v.sql' => "SELECT 1;\n");
my %auth = ('001_a.sql' => $t, '002_b.sql' => $t, 'R_a.sql' => "SELECT 1;\n", 'stele.conf' => "component auth\n");

# ------------------------------------------------------------------- the order

my $work = work(core => {%core}, auth => {%auth});
my @build = ('-o', 'm.c', '--depfile', 'm.d', 'core=core', 'auth');
is(join('|', stelec($work, @build)), '0||', 'two folders are compiled');
is(order($work), 'core/001_a.sql core/002_b.sql auth/001_a.sql auth/002_b.sql auth/R_a.sql core/R_v.sql',
    'one after another, what is repeatable behind them, by name');
like(read_file("$work/core/stele.lock"), qr/ core 001 001_a.sql\n.* core 002 002_b.sql\nend 2 /, 'each has its own lock');
like(read_file("$work/auth/stele.lock"), qr/ auth 001 001_a.sql\n.* auth 002 002_b.sql\nend 2 /, 'with its own migrations');
like(read_file("$work/m.h"), qr/#define STELE_auth_001 2\n/, 'the header has the indexes of the whole');
like(read_file("$work/m.c"), qr{from the folders "core", "auth"\.\n.*\n \*     stelec -o m.c core=core auth\n}, 'the banner says from what, and how');
like(read_file("$work/m.c"), qr{ auth/002_b.sql\n}, 'and lists files with their folders');
like(read_file("$work/m.d"), qr{  \Q$_\E( \\)?\n}, "the make rule has $_") for qw(core/. core/stele.lock core/R_v.sql auth/. auth/stele.conf auth/001_a.sql);
is(join('|', stelec($work, '--check', '--sealed', @build)), '0||', 'a second run would write nothing');
is((stelec($work, '-o', 'm.c', 'auth', 'core=core'))[0], 0, 'the other way round');
is(order($work), 'auth/001_a.sql auth/002_b.sql core/001_a.sql core/002_b.sql auth/R_a.sql core/R_v.sql', 'the order is that of the command line');

$work = work(core => {%core, '002_b.sql' => "-- stele: after auth/1\n$t"}, auth => {%auth, '002_b.sql' => "-- stele: after core/002, away/7\n$t"});
is(join('|', stelec($work, @build)), '0||', 'they may wait for one another');
is(order($work), 'core/001_a.sql auth/001_a.sql core/002_b.sql auth/002_b.sql auth/R_a.sql core/R_v.sql', 'and are put so');
like(read_file("$work/m.c"), qr/auth_002__b_after\[\] = \{\n    \{"core", "002", 1\},\n    \{"away", "7", 1\},\n\};/, 'the table has what must be applied elsewhere');
like(read_file("$work/m.c"), qr/core_002__b_after\[\] = \{\n    \{"auth", "001", 1\},\n\};/, 'by its own version');

$work = work(core => {%core, '001_a.sql' => "-- stele: after auth/002\n$t"}, auth => {%auth, '001_a.sql' => "-- stele: after core/002\n$t"});
is(join('|', stelec($work, @build)), <<'END', 'but not in a circle');
1||auth/001_a.sql:1:17: error: "auth/001_a.sql" can't come after "core/002_b.sql", which waits for it
    1 | -- stele: after core/002
      |                 ^
note: "core/001_a.sql" comes after "auth/002_b.sql"
note: "auth/001_a.sql" comes after "core/002_b.sql"
hint: take one "after" away; or split a file, so that what the other needs comes first
stelec: 1 error; nothing was written
END

$work = work(core => {%core, '001_a.sql' => "-- stele: after auth/003\n$t"}, auth => {%auth});
like((stelec($work, @build))[2], qr{^core/001_a.sql:1:17: error: no migration of version "003" in component "auth"\n}, 'nor for what is not there');

# Folders of one name are told apart by as much of the path as that takes.
$work = work('x/auth' => {%auth}, 'y/auth' => {%core});
is((stelec($work, '-o', 'm.c', 'x/auth/', 'main=./y/auth'))[0], 0, 'folders of one name');
like(order($work), qr{^x/auth/001_a.sql .* y/auth/001_a.sql }, 'have another one in the table');

# ---------------------------------------------------------------- components

$work = work(core => {%core}, auth => {%auth});
is(join('|', stelec($work, '-o', 'm.c', 'core', 'auth')), <<'END', 'each of several must name its component');
1||core: error: directory names no component
hint: of several directories each needs its own: write "component NAME" into core/stele.conf, or NAME=core on the command line
stelec: 1 error; nothing was written
END
$work = work(core => {%core, '002_b.sql' => "-- stele: component auth\n$t"}, auth => {%auth});
like((stelec($work, @build))[2], qr{^auth/001_a.sql: error: component "auth" is that of "core/002_b.sql" already\nhint: the files of one component lie in one folder\nstelec: 1 error}m, 'and no other may have it');
like((stelec($work, '-o', 'm.c', 'auth', 'auth'))[2], qr{^auth: error: directory is given twice$}m, 'nor the same folder twice');
is((stelec(work('a=b' => {%core}), '-o', 'm.c', './a=b'))[0], 0, 'a folder may have a sign in its name');

# ---------------------------------------------------------------- parameters

my $word = 'SELECT ${word}, ${other};' . "\n";
my %one = ('001_a.sql' => $word, 'stele.conf' => "component one\nparameter x integer build 1\nparameter word literal run hi\n");
my %two = ('001_a.sql' => "SELECT '\${word}', \${other};\n", 'stele.conf' => "component two\nparameter other literal run ho\n");
my %three = ('001_a.sql' => 'SELECT ${word};' . "\n", 'stele.conf' => "component three\nparameter word literal run hi\n");
$one{'stele.conf'} .= "parameter other literal run ho\n";
$work = work(one => \%one, two => \%two, three => \%three);
is(join('|', stelec($work, '-o', 'm.c', qw(two one three))), '0||', 'parameters of several folders');
my $c = read_file("$work/m.c");
like($c, qr/parameter_table\[\] = \{\n    \{"other", "ho", STELE_LITERAL, 1\},\n    \{"x", "1", STELE_INTEGER, 0\},\n    \{"word", "hi", STELE_LITERAL, 1\},\n    \{NULL/, 'are one table, each name once');
like($c, qr/two_001__a_references\[\] = \{\n    \{18, 26, 0, STELE_IN_SQL\}, .*\n\}/, 'a folder sees its own only');
like($c, qr/one_001__a_references\[\] = \{\n    \{7, 14, 2, STELE_IN_SQL\}, .*\n    \{16, 24, 0, STELE_IN_SQL\}, .*\n\}/, 'by their places in the table');
is((stelec($work, '-D', 'word=yes', '-D', 'x=7', '-o', 'm.c', qw(two one three)))[0], 0, '-D');
like(read_file("$work/m.c"), qr/"x", "7".*\n.*"word", "yes"/, 'is for all that declare it');
write_file("$work/three/stele.conf", "component three\nparameter word literal run other\n");
is(join('|', stelec($work, '-o', 'm.c', qw(two one three))), <<'END', 'one name has one value');
1||three/stele.conf:2:11: error: parameter "word" is declared otherwise in another folder
    2 | parameter word literal run other
      |           ^
hint: in one program a parameter has one kind and one value: declare it alike, or rename it
stelec: 1 error; nothing was written
END

# ------------------------------------------------------------------- sealing

$work = work(core => {%core}, auth => {%auth});
my @both = ('core=core', 'auth');
is(join('|', stelec($work, 'seal', @both)), "0|sealed core/001_a.sql\nsealed core/002_b.sql\nsealed auth/001_a.sql\nsealed auth/002_b.sql\n|", 'both are sealed');
write_file("$work/core/R_v.sql", "SELECT 2;\n");
unlink("$work/auth/R_a.sql");
is(join('|', stelec($work, '--sealed', '-o', 'm.c', @both)), '0||', 'what is repeatable is not: it may change, and go');
write_file("$work/core/002_b.sql", "SELECT 2;\n");
like((stelec($work, '-o', 'm.c', @both))[2], qr{^core/002_b.sql: error: sealed migration "002_b.sql" was edited\n.*\n.*\nhint: .*stelec seal --amend core/002 core=core\n}, 'an edit is refused, with the way out');
is(join('|', stelec($work, 'seal', '--amend', 'core/002', 'core=core')), "0|amended 002_b.sql\n|", 'which works');
write_file("$work/auth/002_b.sql", "SELECT 2;\n");
is(join('|', stelec($work, 'seal', '--amend', 'auth/2', @both)), "0|amended auth/002_b.sql\n|", 'also with both folders');
like((stelec($work, 'seal', '--amend', 'none/2', @both))[2], qr{^core/stele.lock: error: no component of "none/2" to amend\n}, 'but somebody must have it');
write_file("$work/auth/003_c.sql", $t);
like((stelec($work, '--sealed', '-o', 'm.c', @both))[2], qr{^auth/003_c.sql: error: migration "003_c.sql" is not sealed\nhint: run "stelec seal auth"}, '--sealed');

# ------------------------------------------------------------------- a program

$work = work(core => {'001_a.sql' => "CREATE TABLE a (x int);\n", '002_c.sql' => "-- stele: after auth/001\nCREATE TABLE c (x int REFERENCES b);\n"},
    auth => {'001_b.sql' => "CREATE TABLE b (x int PRIMARY KEY);\n", 'stele.conf' => "component auth\n"});
my ($exit, $out, $err) = run('make', '-s', '-C', top(), 'program', 'MIGRATIONS=core=core auth', 'PROGRAM=p', {cwd => $work, env => {PWD => $work}});
is("$exit|$out|$err", "0|p: 3 migrations\n|", 'make program takes several folders');
my $db = fresh_database();
is((stele("$work/p", $db, 'up'))[0], 0, 'and they are applied');
is(psql($db, "SELECT string_agg(component || '/' || version, ' ' ORDER BY started) FROM stele.ledger"), 'core/001 auth/001 core/002', 'in that order, each with its chain');
is((stele("$work/p", $db, 'check'))[0], 0, 'then nothing is pending');
($exit, $out, $err) = run('make', '-s', '-C', top(), 'program', 'MIGRATIONS=core=core none', 'PROGRAM=p2', {cwd => $work, env => {PWD => $work}});
ok($exit && $err =~ /there is no folder "none"/, 'one that is not there is refused');

# ------------------------------------------------------------- one folder twice

$work = work(auth => {'001_a.sql' => $t, 'stele.conf' => "component auth\n"});
is(join('|', stelec($work, '-o', 'm.c', 'auth', 'other=./auth/')), <<'END', 'a folder under two names is refused');
1||./auth/: error: directory is given twice
hint: it has one component, and is that of "auth" already
stelec: 1 error; nothing was written
END
is(join(' ', sort map { s{.*/}{}r } glob("$work/auth/*")), '001_a.sql stele.conf', 'and nothing was written');

done_testing();
