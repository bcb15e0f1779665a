#!/usr/bin/perl
# What stelec finds in a Lua file from its text is what the program finds when it runs it: each form once.
use strict;
use warnings;
use Test::More;
use Stele::Test;

my $insert = q{db:exec('INSERT INTO form VALUES ($1)', };
my $dir = migrations({
    '001_table.sql' => "CREATE TABLE form (name text);\n",
    '002_function.lua' => "#!/usr/bin/lua\nreturn function(db) $insert 'function') end\n",
    '003_global.lua' => "local upper = require 'deep.upper'\nfunction up(db) $insert upper('global')) end\nfunction down(db) error(db) end\n",
    '004_assigned.lua' => "up = function(db) $insert 'assigned') end\nverify = function(db) return db ~= nil end\n",
    '005_table.lua' => "local M = {}\nfunction M.up(db) $insert 'table') end\nM['down'] = M.up\nreturn M\n",
    '006_constructor.lua' => "return { ['up'] = function(db) $insert 'constructor') end, verify = print }\n",
    '007_local.lua' => "local function f(db) $insert 'local') end\nreturn { up = f }\n",
    '008_alone.lua' => "-- stele: lua-memory 1MB\n-- stele: lua-steps 100k\nlocal function f(db) $insert 'alone') end\nreturn f\n",
});
my $lua = temporary(1);
mkdir("$lua/deep") or die;
write_file("$lua/deep/upper.lua", "# passed over\nreturn string.upper\n");
my $program = temporary(1) . '/program';
my ($exit, $out, $err) = run('make', '-s', 'program', "MIGRATIONS=$dir", "LUA=$lua", "PROGRAM=$program", {cwd => top()});
is($exit, 0, 'all forms are compiled') or diag($err);
my $db = fresh_database();
($exit, $out, $err) = stele($program, $db, 'up');
is($exit, 0, 'and run') or diag($err);
is(psql($db, q{SELECT string_agg(name, ' ') FROM form}), 'function GLOBAL assigned table constructor local alone', 'each its own up');
is((stele($program, $db, 'audit'))[0], 0, 'and the ledger has them as they are sealed');

done_testing();
