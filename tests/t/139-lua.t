#!/usr/bin/perl
# Lua among the migrations: two folders in one sequence, modules sealed with what requires them, and what make is told.
# What is wrong with one file alone is in tests/refused/lua_*, what comes out in tests/golden/lua*.
use strict;
use warnings;
use Test::More;
use Stele::Test;

my %sql = ('001_a.sql' => "CREATE TABLE a (x int);\n", 'stele.conf' => "component memory\n");
my %lua = (
    '002_b.lua' => qq{local text = require "text"\nfunction up(db) print(text) end -- the end\n},
    '003_c.lua' => qq{local split = require "deep.split"\nreturn function(db) split(db) end\n},
    'text.lua' => qq{local split = require "deep.split"\nreturn { split } -- a module\n},
    'unused.lua' => "return 1\n",
);
my $split = "return function(s) return s end\n";

sub stelec { my ($work, @arguments) = @_; return run(built('stelec'), @arguments, {cwd => $work}) }
sub said { my ($work, @arguments) = @_; return join('|', stelec($work, @arguments)) }
sub edit { my ($path, $from, $to) = @_; my $text = read_file($path); $text =~ s/$from/$to/ or die; write_file($path, $text) }

# A folder with all three sealed.
sub sealed {
    my $work = temporary(1);
    migrations({%sql}, "$work/m");
    migrations({%lua}, "$work/lua");
    migrations({'split.lua' => $split}, "$work/lua/deep");
    is(said($work, 'seal', '--lua', 'lua', 'm'), "0|sealed 001_a.sql\nsealed 002_b.lua\nsealed 003_c.lua\n|", 'three migrations are sealed');
    return $work;
}

# ---------------------------------------------------------------- sealing

# Change the folder by a function, then expect this complaint, and no change.
sub refused {
    my ($name, $change, $expected) = @_;
    my $work = sealed();
    my $before = read_file("$work/m/stele.lock");
    $change->($work);
    my ($exit, $out, $err) = stelec($work, '-o', 'm.c', '--lua', 'lua', 'm');
    is("$exit|$out", '1|', "$name: is refused");
    like($err, $expected, "$name: is told");
    ok(!-e "$work/m.c" && read_file("$work/m/stele.lock") eq $before, "$name: nothing is written");
    return $work;
}

my $sum = qr/s1:[0-9a-f]{64}/;
refused('an edited migration', sub { edit("$_[0]/lua/002_b.lua", 'print', 'error') },
    qr{^lua/002_b.lua: error: sealed migration "002_b.lua" was edited\nnote: sealed as s2:\w+\nnote: is now    s2:\w+\nhint: .*stelec seal --amend memory/002 --lua lua m\nstelec: 1 error});
refused('another comment', sub { edit("$_[0]/lua/002_b.lua", '-- the end', "\n--[[ the end ]]") },
    qr{^lua/002_b.lua: error: sealed migration "002_b.lua" was reformatted\nnote: only comments and white space differ\n});
my $work = refused('an edited module', sub { edit("$_[0]/lua/text.lua", '\{ split \}', '{ split, 2 }') },
    qr{^lua/text.lua: error: module "text" of sealed migration "002_b.lua" was edited\nnote: sealed as $sum\nnote: is now    $sum\nhint: undo the edit and make a module of another name for new migrations, or, .*--amend memory/002 --lua lua m\nstelec: 1 error});
write_file("$work/m/stele.conf", read_file("$work/m/stele.conf") . "lua ../lua\n");
like(said($work, '-o', 'm.c', 'm'), qr{stelec seal --amend memory/002 m\n}, 'stele.conf names the folder, so the command need not');
is(said($work, 'seal', '--amend', '002', '--lua', 'lua', 'm'), "0|amended 002_b.lua\n|", 'which can be amended');
is(said($work, '-o', 'm.c', '--lua', 'lua', 'm'), '0||', 'and then builds');
refused('a module with another comment', sub { edit("$_[0]/lua/text.lua", 'a module', 'one') },
    qr{^lua/text.lua: error: module "text" of sealed migration "002_b.lua" was reformatted\n});
refused('a module that two migrations have', sub { edit("$_[0]/lua/deep/split.lua", 'return s ', 'return 1 ') },
    qr{^lua/deep/split.lua: error: module "deep.split" of sealed migration "002_b.lua" was edited\n(?s:.*)\nlua/deep/split.lua: error: module "deep.split" of sealed migration "003_c.lua" was edited\n(?s:.*)2 errors});
refused('a module and its migration', sub { edit("$_[0]/lua/text.lua", 'return', 'do end return'); edit("$_[0]/lua/002_b.lua", 'print', 'error') },
    qr{^lua/002_b.lua: error: sealed migration "002_b.lua" was edited\n(?s:.*)\nlua/text.lua: error: module "text" .* was edited\n(?s:.*)2 errors});
refused('a module that requires one more', sub { write_file("$_[0]/lua/new.lua", "return 2\n"); edit("$_[0]/lua/text.lua", '^', qq{require "new"\n}) },
    qr{^lua/text.lua: error: module "text" of sealed migration "002_b.lua" was edited\n(?s:.*)1 error});
refused('a migration that requires one less', sub { edit("$_[0]/lua/003_c.lua", 'require "deep.split"', 'print') },
    qr{^lua/003_c.lua: error: sealed migration "003_c.lua" was edited\nnote: sealed as s2:\w+\nnote: is now    s1:});
refused('a module that is gone', sub { unlink("$_[0]/lua/text.lua") or die },
    qr{^lua/002_b.lua:1:22: error: module "text" does not exist\n.*\n.*\nhint: it would be the file lua/text.lua\nstelec: 1 error});

$work = sealed();
like(said($work, '-o', 'm.c', 'm'), qr{^1\|\|lua|^1\|\|m/002_b.lua: error: sealed migration "002_b.lua" is missing\nhint: if it lies in a folder of its own: --lua DIR\n},
    'without --lua they are missing, and it says why');
edit("$work/m/stele.lock", 'text s1:[0-9a-f]', 'text s1:x');
like(said($work, '-o', 'm.c', '--lua', 'lua', 'm'), qr{^1\|\|m/stele.lock:\d+:1: error: malformed line in stele.lock}, 'a damaged text line is refused');

# A module that only new migrations require may change.
$work = sealed();
write_file("$work/lua/unused.lua", "this is no Lua\n");
write_file("$work/lua/004_d.lua", "function up(db) end\n");
is(said($work, '-o', 'm.c', '--lua', 'lua', 'm'), '0||', 'a module that nobody requires is not looked at');
is(said($work, '--check', '-o', 'm.c', '--lua', 'lua', 'm'), '0||', 'and all is fresh');
edit("$work/lua/deep/split.lua", "\n", "\r\n");
write_file("$work/lua/text.lua", "\xef\xbb\xbf" . read_file("$work/lua/text.lua"));
is(said($work, '--check', '-o', 'm.c', '--lua', 'lua', 'm'), '0||', 'line ends and byte order marks of modules do not count');

# --------------------------------------------------------------- one sequence

$work = sealed();
write_file("$work/m/002_other.sql", "SELECT 1;\n");
like(said($work, '-o', 'm.c', '--lua', 'lua', 'm'), qr{error: version "002" is that of "002_b.lua" already}, 'a version in both folders is refused');
unlink("$work/m/002_other.sql");
rename("$work/lua/003_c.lua", "$work/m/003_c.lua") or die;
is(said($work, '-o', 'm.c', '--lua', 'lua', 'm'), '0||', 'a sealed file may move to the other folder');
like(read_file("$work/m.c"), qr/\.directory = "m",\n +\.file = "003_c.lua"/, 'and is where it is');
rename("$work/m/003_c.lua", "$work/lua/003_c.lua") or die;
rename("$work/m/$_", "$work/lua/$_") or die for '001_a.sql', 'stele.conf', 'stele.lock';
is(said($work, '-o', 'm.c', '--lua', './lua/', 'lua'), '0||', 'both may be one folder');
is(said($work, '-o', 'm.c', 'lua') =~ s/\|\|.*?error: /||/sr =~ s/\n.*//sr, '1||file name is not VERSION_name.lua', 'which without --lua has no modules');
like(said($work, '-o', 'm.c', '--lua', 'nowhere', 'lua'), qr{^nowhere: error: can't read directory: No such file}m, 'a folder that is not there');
is(said($work, '-o', 'm.c', '--lua', '', 'lua') =~ s/\n.*//sr, '2||stelec: the directory has no name', 'one without a name');

# Of several folders: modules are shared, migrations are not.
my $several = temporary(1);
my $requires = qq{local m = require "m"\nfunction up(db) print(m) end\n};
migrations({'001_x.lua' => $requires, 'stele.conf' => "component a\n"}, "$several/a");
migrations({'001_y.lua' => $requires, 'stele.conf' => "component b\n"}, "$several/b");
migrations({'m.lua' => "return 1\n"}, "$several/lua");
is(said($several, '-o', 'm.c', '--lua', 'lua', 'a', 'b'), '0||', 'two histories share a module');
is(() = read_file("$several/m.c") =~ /^static const stele_module module_m = /mg, 1, 'which is in the table once');
write_file("$several/lua/002_z.lua", "function up(db) end\n");
like(said($several, '-o', 'm.c', '--lua', 'lua', 'a', 'b'), qr{lua/002_z.lua: error: a migration in a folder that several histories share\nhint: put it among}, 'a migration there is nobody\'s');

# ------------------------------------------------------------------- make

$work = sealed();
is(said($work, '--depfile', 'm.d', '-o', 'm.c', '--lua', 'lua', 'm'), '0||', 'a make rule is written');
my ($rule) = read_file("$work/m.d") =~ /^m\.c m\.h:((?: .*\n)*)/;
is(join(' ', sort grep { $_ ne '\\' } split(' ', $rule)),
    'lua/. lua/002_b.lua lua/003_c.lua lua/deep/split.lua lua/text.lua m/. m/001_a.sql m/stele.conf m/stele.lock', 'with all that was read, and the folders');

# Parameters are for SQL.
my $parameters = migrations({
    'stele.conf' => "parameter dim integer build 3\n",
    '001_a.lua' => qq~function up(db)\n  db:exec("SELECT \${dim}, \${other}", [[\${dim]])\nend -- \${dim}\n~});
my ($exit, undef, $err) = stelec($work, '-o', 'p.c', $parameters);
is(join('|', $exit, $err =~ s{^\Q$parameters\E}{}mr), qq~0|/001_a.lua:2:19: warning: a parameter is not put into a Lua string
    2 |   db:exec("SELECT \${dim}, \${other}", [[\${dim]])
      |                   ^
hint: give its value to the statement: db:exec("... \$1", db.parameters.dim)
~, 'a reference in a Lua string is warned of');

# A file with Lua is a file: no bytes that are none, one that is empty, the new one.
is(said($work, 'new', 'add_words.lua', 'm'), "0|m/002_add_words.lua\n|", 'new makes a Lua file');
write_file("$work/m/stele.conf", (-e "$work/m/stele.conf" ? read_file("$work/m/stele.conf") : '') . "lua ../counted\n");
mkdir "$work/counted";
write_file("$work/counted/007_l.lua", "function up(db) end\n");
is(said($work, 'new', 'behind', 'm'), "0|m/008_behind.sql\n|", 'and counts on from the folder of Lua that stele.conf names');
unlink "$work/m/stele.conf", "$work/m/008_behind.sql";
is(said($work, 'new', 'more.sql', 'm'), "0|m/003_more.sql\n|", 'and takes an ending of SQL for what it is');
unlink("$work/m/003_more.sql", "$work/m/stele.lock");
is(said($work, '-o', 'm.c', 'm'), '0||', 'the new one builds');
like(said($work, 'new', '--repeatable', 'x.lua', 'm'), qr{error: a repeatable migration in Lua}, 'none is repeatable');
for (["a\0b", 'zero byte in file'], ["\xff", 'invalid UTF-8: byte 0xff'], ['', 'the migration has no function "up"'],
    ["-- stelle: needs vector\nfunction up(db) end\n", 'a comment that is nearly a directive'],
    ['return ' . '{' x 300 . '}' x 300, 'C stack overflow'],
    ['local x = ' . '(' x 190 . '1' . ')' x 190 . "\nfunction up(db) print(x) end", '']) {
    my ($text, $message) = @{$_};
    write_file("$work/m/002_add_words.lua", $text);
    unlink("$work/m/stele.lock");
    my ($exit, $out, $err) = stelec($work, '-o', 'm.c', 'm');
    like($err, $message eq '' ? qr/^\z/ : qr/\Q$message\E/, $message eq '' ? 'deep nesting is fine' : $message);
}

# stele.conf may say where the folder is, as seen from itself; then no command needs --lua.
my $beside = migrations({'stele.conf' => "lua ../helpers\n", '001_a.lua' => qq~local m = require "m"\nfunction up(db) print(m) end\n~});
rename($beside, "$work/beside");
mkdir("$work/helpers");
write_file("$work/helpers/m.lua", "return 1\n");
is(said($work, 'seal', 'beside'), "0|sealed 001_a.lua\n|", 'stele.conf names the folder of Lua files');
is(said($work, '-o', 'b.c', "$work/beside"), '0||', 'wherever stelec is called from');
like(read_file("$work/b.c"), qr{\.file = "helpers/m\.lua"}, 'and its name in the output is the last part');
is(said($work, '-o', 'b.c', '--check', '--lua', 'helpers', 'beside'), '0||', 'the option names the same');
write_file("$work/beside/stele.conf", "lua\n");
like(said($work, '--check', '-o', 'b.c', 'beside'), qr{^1\|\|beside/stele.conf:1:1: error: malformed lua\n}, 'without a folder it is malformed');

done_testing();
