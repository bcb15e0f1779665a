#!/usr/bin/perl
# Programs with Lua migrations, as a user meets them: what is printed, what a failure says and leaves, what a session is
# left with, and what a program says that was built without Lua.

use strict;
use warnings;

use Stele::Lua;
use Stele::Test;
use Test::More;

my $sql = "CREATE TABLE memory (id bigint PRIMARY KEY, note text, meta jsonb);\nINSERT INTO memory SELECT g, 'note ' || g, '{}' FROM generate_series(1, 2500) AS g;\n";
my $good = <<'END';
-- stele: lua-steps 1M
local words = require "text.words"
function up(db)
  local n = 0
  for row in db:rows("SELECT id, note, meta FROM memory ORDER BY id") do
    local meta = json.decode(row.meta)
    meta.words = words(row.note)
    n = n + db:exec("UPDATE memory SET meta = $2 WHERE id = $1", row.id, meta)
  end
  print("changed", n)
end
function verify(db)
  return db:one("SELECT count(*) = 0 AS fine FROM memory WHERE meta -> 'words' IS NULL").fine
end
END

# The program of these files; modules with a slash in their name.
sub program_of {
    my ($files, $modules) = @_;
    my $lua = temporary(1);
    write_file("$lua/$_", $modules->{$_}) for keys %{$modules};
    my $program = temporary();
    my ($exit, $out, $err) = run('make', '-s', 'program', 'MIGRATIONS=' . migrations($files), "LUA=$lua", "PROGRAM=$program", {cwd => top()});
    die "$out$err" if $exit;
    return $program;
}

my %modules = ('text/words.lua' => "return function(text)\n  local t = json.array()\n  for w in text:gmatch('%a+') do t[#t + 1] = w end\n  return t\nend\n");

SKIP: {
    skip('built without Lua', 1) unless has_lua();
    subtest 'a program with Lua' => sub {
        my ($program, $db) = (program_of({'001_memory.sql' => $sql, '002_words.lua' => $good}, \%modules), fresh_database());
        my ($exit, $out, $err) = stele($program, $db, 'up', '--verify');
        is($exit, 0, 'it is applied') or diag($err);
        like("$out$err", qr/changed\t2500/, 'what it prints is shown');
        is(psql($db, 'SELECT count(*) FROM memory WHERE meta = $${"words": ["note"]}$$'), '2500', 'and does what it says');
        is(psql($db, "SELECT string_agg(version || ' ' || left(source, 3), ', ' ORDER BY seq) FROM stele.ledger"), '001 s1:, 002 s2:', 'the ledger has it with its module');
        is((stele($program, $db, 'up'))[0] . (stele($program, $db, 'audit'))[0], '00', 'once');
    };
    subtest 'one that fails' => sub {
        (my $bad = $good) =~ s/row\.note\)/row.notes)/;
        my ($program, $db) = (program_of({'001_memory.sql' => $sql, '002_words.lua' => $bad}, \%modules), fresh_database());
        my ($exit, $out, $err) = stele($program, $db, 'up');
        is($exit, 1, 'the exit is 1');
        like($err, qr{/002_words\.lua:7:5: error: the row has no column "notes"; it has id, note, meta\n +7 \|     meta\.words = words\(row\.notes\)\n}, 'the message has file, line and source') or diag($err);
        is(psql($db, "SELECT string_agg(version, ',') FROM stele.ledger WHERE action = 'apply'"), '001', 'only the one before it is in');
        ($bad = $good) =~ s/"UPDATE/"UPTADE/;
        ($exit, $out, $err) = stele(program_of({'001_memory.sql' => $sql, '002_words.lua' => $bad}, \%modules), $db, 'up');
        like($err, qr{/002_words\.lua:8:5: error: syntax error at or near "UPTADE" \[42601\]\n}, 'a failure of the server has its SQLSTATE') or diag($err);
        like($err, qr/statement, line 1, column 1: UPTADE memory SET/, 'and the statement');
        ($bad = $modules{'text/words.lua'}) =~ s/text:gmatch/text.x.y:gmatch/;
        ($exit, $out, $err) = stele(program_of({'001_memory.sql' => $sql, '002_words.lua' => $good}, {'text/words.lua' => $bad}), $db, 'up');
        like($err, qr{/text/words\.lua:3:3: error: attempt to index a nil value \(field 'x'\)\n}, 'one in a module names the module') or diag($err);
        my $deep = join('.', ('deep') x 15);
        (my $both = $good) =~ s/local words = .*/local other, words = require "a.$deep", require "b.$deep"/;
        my %two = ("a.$deep" => "return 1\n\n\n", "b.$deep" => "return function()\n  error('in b')\nend\n");
        ($exit, $out, $err) = stele(program_of({'001_memory.sql' => $sql, '002_words.lua' => $both}, {map { (tr{.}{/}r . '.lua' => $two{$_}) } keys %two}), $db, 'up');
        like($err, qr{/b/deep/deep/.*:2:3: error: in b\n}, 'of two long paths with one end, the right one') or diag($err);
        ($exit, $out, $err) = stele(program_of({'001_memory.sql' => $sql, '002_words.lua' => $good}, \%modules), $db, 'up');
        is($exit, 0, 'and mended, it goes on') or diag($err);
    };
    subtest 'a limit' => sub {
        (my $bad = $good) =~ s/1M/50k/;
        my ($program, $db) = (program_of({'001_memory.sql' => $sql, '002_words.lua' => $bad}, \%modules), fresh_database());
        my ($exit, $out, $err) = stele($program, $db, 'up');
        like($err, qr{error: the function "up" ran more than 50000 steps\n}, 'is that of the file') or diag($err);
        is(psql($db, 'SELECT count(*) FROM memory WHERE meta <> $${}$$'), '0', 'and nothing is half done');
    };
    subtest 'a check that fails' => sub {
        (my $bad = $good) =~ s/= 0 AS fine/= 7 AS fine/;
        my ($program, $db) = (program_of({'001_memory.sql' => $sql, '002_words.lua' => $bad}, \%modules), fresh_database());
        my ($exit, $out, $err) = stele($program, $db, 'up', '--verify');
        is($exit, 1, 'the exit is 1');
        like($err, qr{/002_words\.lua:\d+:\d+: error: the function "verify" returned false\n}, 'it says which') or diag($err);
        is(psql($db, 'SELECT count(*) FROM memory WHERE meta <> $${}$$'), '0', 'what it checked is undone');
    };
}

subtest 'a program built without Lua' => sub {
    my $build = temporary();
    my ($exit, $out, $err) = run('make', '-s', 'STELE_NO_LUA=1', "BUILD=$build", 'CFLAGS=-O0', "$build/libstele.a", "$build/obj/runtime/cli/program.o",
        "$build/settings", "$build/stele.pc", {cwd => top()});
    is($exit, 0, 'the library is built') or diag($err);
    my %setting = read_file("$build/settings") =~ /^(\w+)='(.*)'$/mg;
    unlike($setting{LIBS} . read_file("$build/stele.pc"), qr/lua/, 'no Lua is linked');
    my $lua = temporary(1);
    write_file("$lua/$_", $modules{$_}) for keys %modules;
    my $program = temporary();
    my $dir = migrations({'001_memory.sql' => $sql, '002_words.lua' => $good});
    ($exit, $out, $err) = run('sh', '-c', '"$1" --lua "$2" -o "$3.c" "$4" && ' . "$setting{CC} $setting{CFLAGS}" . ' -I"$5" -I. -o "$3" "$3.c" "$6/obj/runtime/cli/program.o" "$6/libstele.a" ' . $setting{LIBS},
        $0, built('stelec'), $lua, $program, $dir, top() . '/runtime', $build);
    is($exit, 0, 'a program is linked') or diag($err);
    my $db = fresh_database();
    ($exit, $out, $err) = stele($program, $db, 'up');
    is($exit, 9, 'it refuses what it can not run');
    like($err, qr/this program was built without Lua, which "002_words\.lua" needs/, 'and says which file that is');
    is(psql($db, "SELECT to_regclass('memory') IS NULL"), 't', 'before the first statement');
};

done_testing();
