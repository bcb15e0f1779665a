#!/usr/bin/perl
# `make program`, as a user meets it: any folder, any path, nothing left behind.
use strict;
use warnings;
use Test::More;
use File::Path qw(make_path);
use Stele::Test;

my @make = ('make', '-s');
my $top = top();
my %files = ('001_a.sql' => "CREATE TABLE a (x int);\n", '002_b.sql' => "CREATE TABLE b (y int);\n");

# What a call leaves in the folder for temporary files.
my $tmp = temporary(1);
sub make_program { return run(@make, @_, ref $_[-1] ? () : {cwd => $top, env => {TMPDIR => $tmp}}) }
sub names { my ($dir) = @_; opendir(my $h, $dir) or die; return join(' ', sort grep { !/^\.\.?$/ } readdir($h)) }

my $dir = migrations({%files});
my $out_dir = temporary(1);
my ($exit, $out, $err) = make_program('program', "MIGRATIONS=$dir", "PROGRAM=$out_dir/migrate");
is("$exit|$out|$err", "0|$out_dir/migrate: 2 migrations\n|", 'a program is made, and one line says so');
is(names($out_dir), 'migrate', 'the program is all that is written beside it');
is(names($dir), '001_a.sql 002_b.sql stele.lock', 'the migrations are sealed');
is(names($tmp), '', 'nothing temporary stays');
($exit, $out, $err) = run("$out_dir/migrate", '--version');
is($exit, 0, 'the program runs');

# Relative paths, as seen by the user; blanks; and quotes for good measure.
my $there = temporary(1);
migrations({%files}, "$there/my migrations");
make_path("$there/it's here");
my @blanks = ('program', 'MIGRATIONS=my migrations', "PROGRAM=it's here/my program");
for my $how (['-C', $top], ["-C$top"], ["--directory=$top"]) {
    ($exit, $out, $err) = make_program(@{$how}, @blanks, {cwd => $there, env => {PWD => $there, TMPDIR => $tmp}});
    is("$exit|$out|$err", "0|it's here/my program: 2 migrations\n|", "relative paths with blanks work with make @{$how}[0]");
    ok(unlink("$there/it's here/my program"), 'and the program is where it was meant');
}
my $name = 'build-' . $$ . '-test';
make_path("$top/build/$name");
migrations({%files}, "$top/build/$name/m");
($exit, $out, $err) = make_program('program', "MIGRATIONS=build/$name/m", "PROGRAM=build/$name/p",
    {cwd => $top, env => {PWD => '/', TMPDIR => $tmp}});
is("$exit|$out", "0|build/$name/p: 2 migrations\n", 'a stale PWD does not matter');
File::Path::remove_tree("$top/build/$name");

# Options.
($exit, $out, $err) = make_program('program', "MIGRATIONS=$dir", "PROGRAM=$out_dir/lua", 'LUA=' . temporary(1));
is($exit, 0, 'a folder without Lua is passed over');
my $lua = migrations({'003_x.lua' => "return function(db) require \"m\" end\n", 'm.lua' => "return 1\n"});
($exit, $out, $err) = make_program('program', "MIGRATIONS=$dir", "PROGRAM=$out_dir/lua", "LUA=$lua");
is("$exit|$out", "0|$out_dir/lua: 3 migrations\n", 'the Lua migrations of another folder are taken in') or diag($err);
my $conf = migrations({
    'stele.conf' => "parameter a integer build 1\nparameter b literal build x\n",
    '1_t.sql' => "CREATE TABLE t (v varchar(\${a}) DEFAULT \${b});\n"});
write_file("$there/b=file", ''); # a star is no pattern
($exit, $out, $err) = make_program('-C', $top, 'program', "MIGRATIONS=$conf", "PROGRAM=$out_dir/conf", 'COMPONENT=memory', 'DEFINES=a=7 b=*',
    {cwd => $there, env => {PWD => $there, TMPDIR => $tmp}});
is($exit, 0, 'component and parameters can be given') or diag($err);
my $db = fresh_database();
stele("$out_dir/conf", $db, 'up');
is(psql($db, "SELECT atttypmod - 4 FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'v'"), '7', 'and are what the program goes by');
is(psql($db, "SELECT column_default FROM information_schema.columns WHERE table_name = 't'"), "'*'::character varying", 'each as it is written');
is(psql($db, 'SELECT DISTINCT component FROM stele.ledger'), 'memory', 'the component too');

# Drafting: what was edited is sealed anew, when that is asked for.
my $draft = migrations({'001_a.sql' => "CREATE TABLE a (x int);\n"});
my @draft = ('program', "MIGRATIONS=$draft", "PROGRAM=$out_dir/draft");
is(join('|', make_program(@draft)), "0|$out_dir/draft: 1 migration\n|", 'one migration is one');
migrations({'001_a.sql' => "CREATE TABLE a (x text);\n", '002_b.sql' => "CREATE TABLE b (y int);\n"}, $draft);
($exit, $out, $err) = make_program(@draft);
ok($exit && $err =~ /sealed migration "001_a.sql" was edited/, 'an edit is refused');
is(join('|', make_program(@draft, 'AMEND=001 2')),
    "0|amended 001_a.sql\nsealed 002_b.sql\n$out_dir/draft: 2 migrations\n|", 'but amended with AMEND');
($exit, $out, $err) = make_program(@draft, 'AMEND=7');
ok($exit && $err =~ /no migration of version "7" to amend/, 'unless nobody has that version');
write_file("$draft/002_b.sql", "CREATE TABLE b (z int);\n-- stelle: down\n");
($exit, $out, $err) = make_program(@draft, 'AMEND=002');
is(scalar(() = $err =~ /warning:/g), 1, 'what there is to say about it is said once') or diag($err);
unlink("$out_dir/draft");

# Refusals leave nothing.
for my $case (
    ['MIGRATIONS=/none', "PROGRAM=$out_dir/x", qr/there is no folder "\/none"/],
    ["MIGRATIONS=$dir", "PROGRAM=$out_dir/none/x", qr/there is no folder "\Q$out_dir\E\/none"/],
    ["MIGRATIONS=$dir", "PROGRAM=$out_dir", qr/is a folder/],
    ["MIGRATIONS=$dir", 'PROGRAM=', qr/usage: make program MIGRATIONS=dir PROGRAM=path/],
    ['MIGRATIONS=' . migrations({'1_x.sql' => "CREATE TABEL x;\n"}), "PROGRAM=$out_dir/x", qr/1_x\.sql:1:8: error: /],
) {
    my ($migrations, $program, $message) = @{$case};
    ($exit, $out, $err) = make_program('program', $migrations, $program);
    ok($exit && $err =~ $message, "refused: $message") or diag("exit $exit\n$out$err");
}
is(names($out_dir), 'conf lua migrate', 'no program was written by what was refused');
is(names($tmp), '', 'nothing temporary stays after that either');

done_testing();
