#!/usr/bin/perl
# Two handles, in two threads, on two databases, do all they can at once, Lua included: ThreadSanitizer sees no race. The runtime is built
# for it; libpq, Lua and libcrypto are the system's, and not looked into.

use strict;
use warnings;

use Stele::Test;
use Test::More;

my %setting = settings();
my $probe = temporary();
write_file("$probe.c", "int main(void) { return 0; }\n");

# The first compiler that has it, and whose programs run under it here.
my ($compiler) = grep {
    (run('sh', '-c', "$_ -fsanitize=thread -o '$probe' '$probe.c' && '$probe'"))[0] == 0
} $setting{CC}, 'gcc', 'clang';
plan(skip_all => 'no compiler here has ThreadSanitizer') unless defined $compiler;
plan(skip_all => 'built without Lua') if $setting{CFLAGS} =~ /-DSTELE_NO_LUA/;

my $folder = 'build/threads/' . $compiler =~ tr{A-Za-z0-9_.-}{_}cr;
my ($exit, $out, $err) = run('sh', '-c', 'mkdir -p "$2" && exec flock "$2/lock" make -C "$1" -s CC="$3" SANITIZE=thread BUILD="$2" "$2/libstele.a" "$2/settings"',
    'sh', top(), $folder, $compiler, {timeout => 1200, cwd => top()});
is($exit, 0, "the runtime is built by $compiler with -fsanitize=thread") or BAIL_OUT("$out$err");

my $migrations = migrations({
    'stele.conf' => "parameter v literal run 'x'\n",
    '001_a.sql' => "SET search_path = public;\nCREATE TABLE a (t text DEFAULT \${v});\n-- stele: down\nDROP TABLE a;\n-- stele: verify\nSELECT count(*) = 0 FROM a;\n",
    '002_b.sql' => "CREATE TABLE b (x int);\n-- stele: expect rows = 1\nCOPY b FROM stdin;\n1\n\\.\nCREATE INDEX CONCURRENTLY b_x ON b (x);\n-- stele: down\nDROP INDEX CONCURRENTLY b_x;\nDROP TABLE b;\n",
    '003_l.lua' => <<'LUA',
function up(db)
  db:exec("CREATE TABLE l (x int, j jsonb)")
  for row in db:rows("SELECT x FROM b, generate_series(1, 50)") do
    db:exec("INSERT INTO l VALUES ($1, $2)", row.x, {a = string.rep("x", 100), b = ("abc"):gsub("b", "c")})
  end
  pcall(function() error("caught") end)
end
function down(db) db:exec("DROP TABLE l") end
LUA
    '004_o.sql' => "-- stele: component other\nCREATE TABLE o (x int);\n-- stele: down\nDROP TABLE o;\n",
    'R_v.sql' => "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';\n",
});
my $table = temporary() . '.c';
($exit, $out, $err) = run(built('stelec'), '-o', $table, $migrations);
is($exit, 0, 'a table is made') or diag($err);
my $program = temporary();
my %thread = read_file(top() . "/$folder/settings") =~ /^(\w+)='(.*)'$/mg;
($exit, $out, $err) = run('sh', '-c', "$thread{CC} $thread{CFLAGS} $thread{LDFLAGS} -I'" . top() . "/runtime' -pthread -o '$program' '"
    . top() . "/tests/programs/threads.c' '$table' '" . top() . "/$folder/libstele.a' $thread{LIBS}");
is($exit, 0, 'a program of two threads is linked with it') or diag($out, $err);

($exit, $out, $err) = run($program, 4, (map { url(fresh_database()) } 1 .. 2), {env => {TSAN_OPTIONS => 'exitcode=66'}});
is($exit, 0, 'no call fails, and there is no race') or diag($out, substr($err, 0, 8000));
is($err, '', 'nothing is reported');
is(scalar(() = $out =~ /^well: [1-9]\d* events, 0 findings$/mg), 2, 'both threads did their work') or diag($out);

done_testing();
