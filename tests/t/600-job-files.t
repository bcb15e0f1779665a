#!/usr/bin/perl
# J_name.lua, as stelec sees it: where a job lies, what becomes of it in the generated table, and that no lock and no state hangs on it.
# What is wrong with a script alone is in tests/refused/jobs, all that comes out in tests/golden/jobs.
use strict;
use warnings;
use Test::More;
use Stele::Ledger;
use Stele::Test;

my $cc = (split(' ', $ENV{CC} || 'cc'))[0];
my $work = temporary(1);
sub stelec { return run(built('stelec'), @_, {cwd => $work}) }
sub said { return join('|', stelec(@_)) }
sub text_of { return read_file("$work/$_[0]") }

my $module = "return function(s) return s end\n";
my $reembed = qq{-- Anew\n-- stele: lua-memory 128MB\n-- stele: lua-steps 5M\nlocal split = require "text.split"\n}
    . qq{return { table = "a", key = "id", read = "x", embed = http { url = parameter "url", model = "m", dimensions = 3, key = secret "KEY" }, into = { vector = "v" },\n    text = function(row) return split(row.x) end }\n};
my $tidy = qq{return { table = "a", key = "id", sql = [[DELETE FROM a USING :batch b WHERE a.id = b.id]] }\n};
migrations({
    '001_a.sql' => "CREATE TABLE a (id int);\n",
    'R_v.sql' => "CREATE OR REPLACE VIEW v AS SELECT 1;\n",
    'stele.conf' => "component memory\nlua ../lua\nparameter url literal run\n",
}, "$work/m");
migrations({'split.lua' => $module}, "$work/lua/text");
is(said('-o', 'none.c', 'm'), '0||', 'a folder without jobs builds');
my ($lock, $none) = (text_of('m/stele.lock'), text_of('none.c'));
unlike($none, qr/job/i, 'and its table tells of none');
write_file("$work/lua/J_reembed.lua", $reembed);
write_file("$work/m/J_tidy up.lua", $tidy);
is(said('--sealed', '--depfile', 'm.d', '-o', 'm.c', 'm'), '0||', 'jobs need no seal');

# ------------------------------------------------------------------ the table

# A program that prints the table's jobs. The engine is none here: that is what it is linked with, and it isn't called.
write_file("$work/main.c", <<'TEXT');
#include "TABLE.h"
#include "stele_job.h"
#include <stdio.h>
#include <string.h>
const struct stele_job_engine stele_jobs = {0};
int main(void)
{
    const stele_migrations *table = &migrations;
    printf("%zu migrations, %zu jobs, %s\n", table->count, table->job_count, table->engine == &stele_jobs ? "an engine" : table->engine == NULL ? "no engine" : "?");
    for (size_t i = 0; i < table->job_count; i++) {
        const stele_migration *job = &table->jobs[i];
        printf("%s %s|%s|%s/%s|%s|%s|%d %d|%d|%llu %llu|", job->component, job->version, job->name, job->directory, job->file, job->source,
               job->state == NULL ? "no state" : job->state, (int)job->lua, (int)job->repeatable,
               (int)(job->statement_count + job->step_count + job->up.end + job->down.end + job->verify.end + job->flags),
               (unsigned long long)job->lua_memory, (unsigned long long)job->lua_steps);
        for (size_t j = 0; j < job->module_count; j++)
            printf("%s=%.6s", job->modules[j]->name, job->modules[j]->text);
        printf("|%d %.9s\n", job->length == strlen(job->text), job->text);
    }
    return 0;
}
TEXT
sub table_of {
    my ($name) = @_;
    (my $main = text_of('main.c')) =~ s/TABLE/$name/;
    write_file("$work/main-$name.c", $main);
    my ($exit, $out, $err) = run($cc, '-std=c11', '-Wall', '-Wextra', '-Wpedantic', '-Werror', '-I' . top() . '/runtime', '-o', "$name.program", "main-$name.c", "$name.c", {cwd => $work});
    is("$exit$out$err", '0', "$name: compiles") or return '';
    return (run("$work/$name.program"))[1];
}
my $s1 = source_checksum($tidy);
my $s2 = source_checksum_of($reembed, ['text.split', $module]);
my $rows = "2 migrations, 2 jobs, an engine\n"
    . "memory J|reembed|lua/J_reembed.lua|$s2|no state|1 0|0|134217728 5000000|text.split=return|1 -- Anew\n-\n"
    . "memory J|tidy up|m/J_tidy up.lua|$s1|no state|1 0|0|0 0||1 return { \n";
is(table_of('m'), $rows, 'each job is there, by name, with its modules and limits');
is(table_of('none'), "2 migrations, 0 jobs, no engine\n", 'without one, no engine is linked in');
is(said('--incbin', '-o', 'b.c', 'm'), '0||', 'with the texts in a binary file');
is(table_of('b'), $rows, 'they are the same');
my ($depends) = text_of('m.d') =~ /\A(.*?)\n\n/s;
like($depends, qr{ m/\.\./lua/J_reembed\.lua .* m/J_tidy\\ up\.lua .* m/\.\./lua/\. .* m/\.\./lua/text/split\.lua\z}s, 'make is told of scripts and modules');

# ------------------------------------------------------------- seals and states

sub states { return join(' ', $_[0] =~ /^        \.state = (.*),$/mg) }
is(text_of('m/stele.lock'), $lock, 'the lock has nothing of them');
is(states(text_of('m.c')), states($none), 'and no state hangs on them');
is(text_of('m.h'), text_of('none.h') =~ s/none/m/gr, 'nor the header');
write_file("$work/lua/J_reembed.lua", $reembed . "-- edited\n");
is(said('--sealed', '-o', 'm2.c', 'm'), '0||', 'one may be edited');
write_file("$work/lua/text/split.lua", "-- edited\n$module");
is(said('--sealed', '-o', 'm2.c', 'm'), '0||', 'and so may a module that only jobs require');
my ($again) = text_of('m2.c') =~ /^        \.file = "J_reembed\.lua",\n        \.source = "(.*)",$/m;
is($again, source_checksum_of("$reembed-- edited\n", ['text.split', "-- edited\n$module"]), 'both change its checksum');
like(said('--check', '-o', 'm.c', 'm'), qr/^1\|\|m\.c: error: file is stale\nstelec: 1 error/, 'and the table is stale');
write_file("$work/m/002_b.lua", qq{local split = require "text.split"\nfunction up(db) split() end\n});
is(said('seal', 'm'), "0|sealed 002_b.lua\n|", 'once a migration requires it');
write_file("$work/lua/text/split.lua", $module);
like(said('-o', 'm2.c', 'm'), qr/^1\|\|.*module "text\.split" of sealed migration "002_b\.lua" was reformatted\n/, 'it is sealed');
is(said('seal', '--amend', '002', 'm'), "0|amended 002_b.lua\n|", 'a job is not amended, nor told of');
unlink("$work/m/002_b.lua") or die;
write_file("$work/m/stele.lock", $lock);
write_file("$work/lua/J_reembed.lua", $reembed);

# ------------------------------------------------------------------- parameters

write_file("$work/m/J_asks.lua", qq{return { table = "a", key = "id", sql = "SELECT :of FROM :batch b", bind = { of = parameter "extra" } }\n});
like(said('-o', 'm2.c', 'm'), qr{^1\|\|m/J_asks\.lua:1:93: error: there is no parameter "extra"\n.*\nhint: declare it, in m/stele\.conf: parameter extra literal run\n}s, 'a parameter must be declared');
is(said('-D', 'extra=1', '-o', 'm2.c', 'm'), '0||', 'or given with -D');
# What a parameter without a value would have given isn't missed; what is there is looked at all the same.
my $known = 'local known = { letters = 8, words = 16 } local m = parameter "url" ';
for my $rest ('return { table = "a", key = "id", read = "x", embed = fixed { dimensions = known[m] }, text = function(row) return row.x end, into = { vector = "v" } }',
    'local job = { table = "a", key = "id", read = "x" } if m == "words" then job.map = function(row) return { x = row.x } end end return job',
    'local d if m == "words" then d = 8 end return { table = "a", key = "id", read = "x", embed = fixed { dimensions = d }, text = function(row) return row.x end, into = { vector = "v" } }') {
    write_file("$work/m/J_asks.lua", "$known$rest\n");
    is(said('-o', 'm2.c', 'm'), '0||', "$rest: is for the run to check");
}
write_file("$work/m/J_asks.lua", qq{${known}return { tabel = "a", key = "id", embed = known[m] }\n});
like(said('-o', 'm2.c', 'm'), qr{^1\|\|m/J_asks\.lua:1:\d+: error: .*"tabel"}, 'a key that is none is told');
unlink("$work/m/J_asks.lua") or die;

# ------------------------------------------------------------------------ places

sub refused {
    my ($name, $expected, @arguments) = @_;
    my ($exit, $out, $err) = stelec('-o', 'r.c', @arguments);
    is("$exit|$out", '1|', "$name: is refused");
    like($err, $expected, "$name: is told");
    return;
}
my $job = qq{return { table = "a", key = "id", sql = "SELECT FROM :batch b" }\n};
migrations({'V1__a.sql' => "SELECT 1;\n", 'J_a.lua' => $job}, "$work/flyway");
migrations({'J_b.lua' => $job, 'm.lua' => "return 1\n"}, "$work/jobs");
refused('a job among the files of another tool', qr{^flyway/J_a\.lua: error: a job in a folder of flyway's\nhint: put it into the folder of --lua\nstelec: 1 error}, 'flyway');
unlink("$work/flyway/J_a.lua") or die;
is(said('-o', 'f.c', '--lua', 'jobs', 'flyway'), '0||', 'beside modules it is taken');
like(table_of('f'), qr{^1 migrations, 1 jobs, an engine\nmain J\|b\|jobs/J_b\.lua\|}, 'with that tool\'s migrations');
migrations({'001_a.sql' => "SELECT 1;\n", 'J_c.lua' => $job}, "$work/one");
migrations({'001_a.sql' => "SELECT 1;\n", 'J_d.lua' => $job}, "$work/two");
is(said('-o', 't.c', 'two=two', 'one=one'), '0||', 'several components have jobs');
like(table_of('t'), qr{^2 migrations, 2 jobs, an engine\none J\|c\|.*\ntwo J\|d\|}, 'by name, whatever their order');
refused('a job that several share', qr{^jobs/J_b\.lua: error: a job in a folder that several histories share\nhint: put it among the migrations}, '--lua', 'jobs', 'one=one', 'two=two');
write_file("$work/two/J_c.lua", $job);
refused('one name twice', qr{^two/J_c\.lua: error: a second job "c": "one/J_c\.lua" is one already\nhint: .*stelec: 1 error}s, 'one=one', 'two=two');
migrations({'J_only.lua' => $job}, "$work/only");
like(said('-o', 'only.c', 'only'), qr/^0\|\|only: warning: directory holds no migrations\nhint: a job's state is kept in the ledger's schema, which the first migration makes/, 'a folder with nothing but jobs is warned of');
like(table_of('only'), qr/^0 migrations, 1 jobs, an engine\n/, 'and builds');
migrations({'001_a.sql' => "SELECT 1;\n", 'J_a.lua' => $job, 'm.lua' => "return require \"x.J_y\"\n", 'J.lua' => "x\n"}, "$work/near");
migrations({'J_y.lua' => "return 1\n"}, "$work/near/x");
write_file("$work/near/J_a.lua", qq{local m = require "m"\n$job});
is(said('-o', 'n.c', '--lua', 'near', 'near'), '0||', 'a file below the folder of Lua files is a module, whatever its name');

# ------------------------------------------------------------- all that is wrong with a script

# The errors of stelec of one script, as "LINE: MESSAGE", in their order.
sub faults {
    my ($script, $conf) = @_;
    migrations({'001_a.sql' => "SELECT 1;\n", 'J_w.lua' => $script, defined $conf ? ('stele.conf' => $conf) : ()}, "$work/wrong");
    my ($exit, $out, $err) = stelec('-o', 'w.c', 'wrong');
    my @faults = $err =~ m{^wrong/J_w\.lua:((?:\d+:)?[\d:]* ?error: .*)$}mg;
    like($err, qr/^stelec: \Q@{[scalar @faults]}\E errors?;/m, '... and no others') if @faults;
    is($exit, @faults ? 1 : 0, '... and no table is written') or diag($err);
    return [map { s/^(\d+):\d+: error: /$1: /r =~ s/^ error: /0: /r } @faults];
}
is_deeply(faults(<<'END'), [split(/\n/, <<'FAULTS')], 'each wrong key, type, value and combination is told');
return {
    tabel = "a", key = 5, read = { "x", "y", "x" }, where = "(x > 1", by = "rows",
    embed = http {
        url = "ftp://x", model = "", dimensions = 1.5, max_inputs = 0,
        max_input_tokens = 9, max_tokens = 5, timeout = "1 day", encoding = 7, too_long = "cut",
    },
    text = "x", bind = {},
    into = { table = "a b", vector = '"v"', hsah = "h" }, metric = "cos",
    pace = { write = "fast", wrtie = "1s", rpm = 10 },
    verify = { recall_at = 5, norm = 1, sample = 5, cosine = 2, read = "x" },
    follow = "never", switch = { sql = "SELECT 1" },
}
END
2: a job has no key "tabel"; did you mean "table"?
2: "key" has to be a text, and is a number
2: "read" names a column twice
2: "where" has parentheses that don't match
2: "by" is "rows"; it can be "key" or "blocks"
4: "embed.url" is no address that begins with https:// or http://
4: "embed.model" is empty
4: "embed.dimensions" has to be a whole number
4: "embed.max_inputs" is 0; it can be 1 to 1000000000
5: "embed.max_input_tokens" is 9, and more than max_tokens, 5, which one request may have
5: "embed.timeout" is "1 day"; a time is written "500ms", "30s" or "2min"
5: "embed.encoding" has to be a text, and is a number
5: "embed.too_long" is "cut"; it can be "dead" or "clip"
7: "text" has to be a function, and is a string
7: "bind" is for a job that has "sql"; this one has "embed"
8: "into.table" is no name of a table, as SQL writes it: docs, app.docs, "S".docs
8: "into.vector" has the name of a column in quotes; it is written without them here
8: "into" has no key "hsah"; did you mean "hash"?
8: "metric" is "cos"; it can be "cosine", "l2" or "ip"
9: "fast" is no value for the knob "write"
9: there is no knob "wrtie"
10: "verify" says how recall is to be measured, and not how much is asked for: recall = 0.95
10: "verify.norm" has to be two numbers, the least and the most that a vector's length may be: {0.99, 1.01}
10: "verify.sample" is for check, a function, which isn't there
10: "verify.cosine" is 2; it can be 0 to 0.999999
10: "verify.read" is for check, a function, which isn't there
11: "follow" is "never"; it can be "trigger", "sweep" or "none"
11: "switch" has "sql", and lacks "undo", the statements that take it back
FAULTS
is_deeply(faults(<<'END'), [split(/\n/, <<'FAULTS')], 'several kinds at once, and what is missing, which has no line');
return {
    table = 7, embed = 1, map = 2, sql = "UPDATE t SET a = 1", into = 5, verify = 6, pace = 7, switch = 8,
    bind = { a = "1", batch = "2" }, where = "a = $1",
}
END
0: the key "key" is missing
0: the key "read" is missing
0: the key "text" is missing
2: "table" has to be a text, and is a number
2: "embed" has to be what http{...}, callback{...} or fixed{...} gives, and is a number
2: a job has one of "embed", "map" and "sql"; this one has "embed" and "map"
2: a job has one of "embed", "map" and "sql"; this one has "embed" and "sql"
2: "into" has to be a table, and is a number
2: "verify" has to be a table, and is a number
2: "pace" has to be a table, and is a number
2: "switch" has to be a table, and is a number
3: "bind" is for a job that has "sql"; this one has "embed"
3: "where" has a parameter, such as $1
FAULTS
is_deeply(faults(<<'END'), [split(/\n/, <<'FAULTS')], 'of a statement');
return {
    table = "a", key = "id", by = "blocks", index = "x",
    sql = "UPDATE t", bind = { ["a b"] = 1 }, verify = { recall = 1, zero = 5 },
}
END
2: "by" is "blocks", and what this job writes moves the rows of its table: one would be met twice, or never
2: "index" is for a job that has "embed"; this one has "sql"
3: "sql" doesn't use :batch, so each batch would do all of it
3: "bind" has the name "a b", which :name can't be in the statement
3: "verify.recall" is for a job that embeds
3: "verify.zero" has to be a text, and is a number
FAULTS
is_deeply(faults(<<'END', "parameter u literal run\n"), [split(/\n/, <<'FAULTS')], 'where a parameter has no value yet, what can be told without');
return {
    table = parameter "u", kye = "id", read = 5,
    sql = "SELECT FROM t", bind = { a = parameter "u" }, follow = parameter "u", verify = { zero = {} },
}
END
2: a job has no key "kye"; did you mean "key"?
2: "read" has to be a text, and is a number
3: "verify.zero" is an empty list
FAULTS
is_deeply(faults(qq{return { table = "a", key = "id", read = "x", embed = http { url = "http://x", model = "m", dimensions = 0,\n    key = "sk-1", timeout = 1 } }\n}),
    ['1: "embed.key" has to be secret "NAME", which names an environment variable, and is a string'], 'a key that stands in the file ends it');

# ----------------------------------------------------------------------- inspect

sub inspect { return stelec('inspect', @_) }
like((inspect('m.program'))[1], qr/^  s1:\w{12}  memory R  R_v\.sql\n  s1:\w{12}  module text\.split\n  s2:\w{12}  memory J  J_reembed\.lua\n  s1:\w{12}  memory J  J_tidy up\.lua\n1 migration, 1 repeatable, 2 jobs, 1 module; each text is what was sealed\n\z/m,
    'a program carries its jobs');
is(join('|', (inspect('--against', 'm', "$_.program"))[0, 2]), '0|', "$_ is compared with its folder") for qw(m b);
is(join('|', (inspect('--against', 'm/stele.lock', 'm.program'))[0, 2]), '0|', 'and with the lock, which says nothing of jobs');
my @json = grep { /"event": "job"/ } split(/\n/, (inspect('--json', 'm.program'))[1]);
is(scalar @json, 2, 'machines are told of them');
like($json[0], qr/^\{"event": "job", "component": "memory", "version": "J", "file": "J_reembed\.lua", "source": "$s2", "tokens": "t1:\w{64}", "offset": \d+, "length": \d+, "ok": true\}\z/, 'without a state');
(my $edited = text_of('m.program')) =~ s/DELETE FROM a USING/DELETE FROM b USING/g;
write_file("$work/edited", $edited);
my ($exit, $out, $err) = inspect('edited');
like("$exit|$err", qr/^1\|edited: error: the text of "J_tidy up\.lua" is not what was sealed\n/, 'a script that was changed in the program is found');
($edited = text_of('m.program')) =~ s/\njob s1:\w/\njob s1:0/g;
write_file("$work/edited", $edited);
like(join('|', (inspect('edited'))[0, 2]), qr/^1\|edited: error: sealed table at byte \d+: the manifest is not what was sealed\n/, 'and one in the manifest');
write_file("$work/m/J_tidy up.lua", "-- more\n$tidy");
write_file("$work/m/J_new.lua", $job);
like(join('|', (inspect('--against', 'm', 'm.program'))[0, 2]), qr/^1\|m\.program: error: job "J_tidy up\.lua" is formatted otherwise than in m\n(?s:.*)\nm\.program: error: job "J_new\.lua" of m is missing\n/, 'a folder that went on');
unlink("$work/m/J_tidy up.lua", "$work/m/J_new.lua");
like(join('|', (inspect('--against', 'm', 'm.program'))[0, 2]), qr/^1\|m\.program: error: extra job "J_tidy up\.lua", which nothing here accounts for\n/, 'or has one less');

# ------------------------------------------------------------------ explain, new

($exit, $out, $err) = stelec('explain', '--lua', 'lua', 'lua/J_reembed.lua');
is("$exit|$err|$out", qq{0||lua/J_reembed.lua: main job "reembed"\n    is no migration: it is run by itself, in as many transactions as it takes\n}
    . qq{    source $s2\n    requires module "text.split"\n    takes parameter "url"\n}, 'explain tells what a job is');
like((stelec('explain', '--json', '--lua', 'lua', 'lua/J_reembed.lua'))[1],
    qr/^\{"job": \{"file": "lua\/J_reembed\.lua", "component": "main", "name": "reembed", "source": "$s2", "tokens": "t1:\w{64}", "modules": \["text\.split"\], "parameters": \["url"\]\}\}\n\z/, 'also machines');
is(said('new', '--job', 'clean all', 'm'), "0|m/../lua/J_clean_all.lua\n|", 'stelec new --job');
is(said('new', 'J_more', 'one'), "0|one/J_more.lua\n|", 'or a name that says so, beside the migrations');
is(said('new', 'J_third.lua', 'one'), "0|one/J_third.lua\n|", 'with its ending');
like(said('new', 'J_more', 'one'), qr/can't create file: File exists/, 'never over another');
is(said('-o', 'o.c', 'one=one'), '0||', 'what it makes builds');
like(said('new', '--job', 'x', 'flyway'), qr/^1\|\|flyway: error: stelec can't add a job to a folder of flyway's\nhint: say where Lua files lie: --lua DIR/, 'another tool\'s folder stays that');
is(said('new', '--job', '--lua', 'jobs', 'x', 'flyway'), "0|jobs/J_x.lua\n|", 'unless it is said where Lua is');
like(said('new', '--job', 'x/y', 'one'), qr/^1\|\|one: error: "x\/y" is no name for a job\n/, 'a name is a file\'s');
like(said('new', '--job', '--repeatable', 'x', 'one'), qr/^2\|\|stelec: --repeatable and --job can't be had together\n/, 'one or the other');
like(said('--job', '-o', 'o.c', 'one'), qr/^2\|\|stelec: --job belongs to "stelec new"\n/, 'and nowhere else');

done_testing();
