#!/usr/bin/perl
# An older program takes back what a newer one applied, by the scripts that the ledger keeps: only when told to, only when chain
# and script are what was written, and after they were shown.

use strict;
use warnings;

use Stele::Ledger;
use Stele::Test;
use Test::More;

my ($exit, $out, $err);
my %files = (
    'stele.conf' => "parameter word literal run\nparameter name identifier run 'x'\n",
    '001_a.sql' => "CREATE TABLE a (x int);\n-- stele: down\nDROP TABLE a;\n",
    '002_b.sql' => "CREATE TABLE b (x int, t text DEFAULT \${word});\nINSERT INTO b VALUES (1);\n-- stele: down\nDROP TABLE b;\n",
);
my $dir = migrations(\%files);
my $older = program($dir);
migrations({
    '003_c.sql' => <<'SQL',
CREATE TABLE c (x int, "the ""one""" text);
CREATE INDEX CONCURRENTLY c_x ON c (x);
-- stele: down
DROP INDEX CONCURRENTLY c_x;
DELETE FROM b;
COPY b FROM stdin;
2	from the ledger\ttab
\.
INSERT INTO b VALUES (3, 'it''s ' || ${word} || '${word}'), (4, E'${word}'), (5, $$ ${word} $$); /* a comment */
SET search_path = pg_catalog;
DROP TABLE public.c -- the last, without a semicolon
SQL
    '004_d.sql' => <<'SQL',
CREATE TABLE d (x int);
DROP INDEX CONCURRENTLY c_x;
-- stele: down
DROP TABLE d;
CREATE INDEX CONCURRENTLY c_x ON c (x);
SQL
    '005_e.sql' => "CREATE TABLE IF NOT EXISTS e (x int);\n-- stele: down\n",
    'R_view.sql' => "CREATE OR REPLACE VIEW v AS SELECT 1 AS one;\n",
}, $dir);
my $newer = program($dir);
my @word = ('-D', q{word=so \\ it's "});

sub story { return psql($_[0], "SELECT string_agg(version || ' ' || action || coalesce(' ' || step, ''), ', ' ORDER BY seq) FROM stele.ledger WHERE seq > $_[1]") }

my $db = fresh_database();
is((stele($older, $db, 'up', @word))[0], 0, 'the older program applies its own');
my $schema = pg_dump_schema($db);
is((stele($newer, $db, 'up'))[0], 0, 'the newer one the rest') or diag($err);
my $newest = pg_dump_schema($db);
my $seq = psql($db, 'SELECT seq FROM stele.anchor');

# Without being told to, it does nothing.
for my $command (['up', '--exact'], ['check', '--exact'], ['down'], ['down', '2'], ['redo'], ['plan', '--down']) {
    ($exit, $out, $err) = stele($older, $db, @{$command});
    is($exit, 7, "@{$command} of the older program: the database is ahead");
    like($err, qr/error: the database is ahead of this program: "00\d_\w\.sql" was applied to it/, 'as it says');
    like($err, qr/hint: take it back by the script that the ledger keeps, with --from-ledger/, 'and how to go back') if $command->[0] =~ /down|plan/;
}
is((stele($older, $db, 'down', '--nonesuch', '--from-ledger'))[0], 2, 'usage');

# Shown first.
($exit, $out, $err) = stele($older, $db, 'plan', '--down', '2', '--from-ledger');
is("$exit|$err", '0|', 'plan --down --from-ledger');
like($out, qr/\A005_e\.sql  applied \S+ \S+Z, taken back by the ledger's script:\n    -- stele: script 1\n/, 'has the scripts');
like($out, qr/^    INSERT INTO b VALUES \(3, 'it''s ' \|\|  E'so \\\\ it''s "' \|\| 'so \\ it''s "'\), \(4, E'so \\\\ it''s "'\), \(5, \$\$  E'so \\\\ it''s "' \$\$\);$/m, 'with the parameters in them') or diag($out);
like($out, qr/^  destroys table "b": 1 row$/m, 'and what they destroy');
is(psql($db, 'SELECT seq FROM stele.anchor'), $seq, 'nothing was written');
($exit, $out, $err) = stele($older, $db, 'down', '2', '--from-ledger');
is($exit, 9, 'what is destroyed has to be allowed');
like($err, qr/taking "003_c\.sql" back destroys 1 row of "b"/, 'here, too');

# Done.
($exit, $out, $err) = stele($older, $db, 'down', '2', '--from-ledger', '--allow-destructive');
is("$exit|$err", '0|', 'down --from-ledger') or diag($out);
like($out, qr/^    DROP TABLE public\.c;\n.*^  003_c\.sql +6 statements .*taken back$/ms, 'shows the script before it runs');
psql($db, 'DROP VIEW v; DROP TABLE e');
is(pg_dump_schema($db), $schema, 'is what the older program had made');
is(psql($db, 'SELECT * FROM b ORDER BY x'), qq(2|from the ledger\ttab\n3|it's so \\ it's "so \\ it's "\n4|so \\ it's "\n5|  E'so \\\\ it''s "' ), 'and the rows are those of the script');
is(story($db, $seq), '005 revert, 004 down-step 1, 004 down-begin 2, 004 down-step 2, 004 revert, 003 down-begin 1, 003 down-step 1, 003 down-step 2, 003 revert', 'the rows of the ledger');
is((stele($older, $db, 'check'))[0], 0, 'the older program finds the database up to date');
is((stele($older, $db, 'audit'))[0], 0, 'and sound');
is((stele($newer, $db, 'check'))[0], 5, 'the newer one has something to do');
is((stele($newer, $db, 'up'))[0], 0, 'and does it again');
is(pg_dump_schema($db), $newest, 'to the same end');
($exit, $out, $err) = stele($newer, $db, 'audit', '--json');
is($exit, 0, 'the audit agrees');
is(psql($db, q{SELECT string_agg(version || ' ' || action, ', ' ORDER BY seq) FROM stele.ledger WHERE step IS NULL}),
    '001 apply, 002 apply, 003 apply, 004 apply, 005 apply, R apply, 005 revert, 004 revert, 003 revert, 003 apply, 004 apply, 005 apply, R apply',
    'and the ledger tells the story in order');
($exit, $out, $err) = stele($newer, $db, 'history');
like($out, qr/apply +005_e.*revert +005_e.*revert +004_d.*revert +003_c.*apply +003_c.*apply +005_e/s, 'as history does');

# One at a time, and stopped in the middle of one that only the ledger knows.
$seq = psql($db, 'SELECT seq FROM stele.anchor');
psql($db, 'CREATE TABLE c_x ()');
($exit, $out, $err) = stele($older, $db, 'down', '-2', '--from-ledger', '--allow-destructive');
is($exit, 1, 'a script that fails');
like($err, qr{^ledger/004_d\.sql:6:\d+: error: relation "c_x" already exists \[42P07\]\n    6 \| CREATE INDEX CONCURRENTLY}m, 'at its place in the script');
like($err, qr/1 of 2 steps of the way back of "004_d\.sql" are in; the next down goes on with step 2/, 'with what is left');
is((stele($older, $db, 'up', '--exact'))[0], 7, 'up --exact of the older program refuses');
is((stele($newer, $db, 'up'))[0], 1, 'and of the newer');
psql($db, 'DROP TABLE c_x');
($exit, $out, $err) = stele($older, $db, 'down', '--from-ledger', '--allow-destructive');
is("$exit|$err", '0|', 'the older program goes on with it') or diag($out);
is(story($db, $seq), '005 revert, 004 down-step 1, 004 down-begin 2, 004 down-fail 2, 004 down-begin 2, 004 down-step 2, 004 revert', 'from there');
is((stele($newer, $db, 'up'))[0], 0, 'and the newer goes up again');
is((stele($newer, $db, 'audit'))[0], 0, 'with a sound ledger');
# Half taken back by the newer one's own section, finished by the ledger's.
psql($db, 'CREATE TABLE c_x ()');
is((stele($newer, $db, 'down', '-2', '--allow-destructive'))[0], 1, 'the newer program stops half-way');
psql($db, 'DROP TABLE c_x');
($exit, $out, $err) = stele($older, $db, 'down', '2', '--from-ledger', '--allow-destructive');
is("$exit|$err", '0|', 'the older one finishes that, and the rest') or diag($out);
is((stele($older, $db, 'check'))[0], 0, 'and is up to date');
is((stele($newer, $db, 'up'))[0], 0, 'up again');
is((stele($newer, $db, 'audit'))[0], 0, 'with a sound ledger');

# No way back.
{
    my $folder = migrations({'001_a.sql' => "CREATE TABLE a (x int);\n-- stele: down\nDROP TABLE a;\n"});
    my $old = program($folder);
    migrations({'002_b.sql' => "CREATE TABLE b (x int);\n"}, $folder);
    my $middle = program($folder);
    migrations({'003_c.sql' => "-- stele: one-way \"merged\"\nCREATE TABLE c (x int);\n"}, $folder);
    my $new = program($folder);
    my $other = fresh_database();
    stele($new, $other, 'up');
    ($exit, $out, $err) = stele($old, $other, 'down', '--from-ledger');
    is($exit, 9, 'one-way, by the ledger');
    like($err, qr/"003_c\.sql" has no way back: merged$/m, 'with its reason');
    $other = fresh_database();
    stele($middle, $other, 'up');
    ($exit, $out, $err) = stele($old, $other, 'down', '--from-ledger');
    is($exit, 9, 'no down section, by the ledger');
    like($err, qr/"002_b\.sql" has no way back: it has no down section$/m, 'as it says');
    ($exit, $out, $err) = stele($old, $other, 'down', '1', '--from-ledger');
    is($exit, 9, 'also on the way to a version');
}

# Tampering.
for my $case (
    ['the script', q{UPDATE stele.ledger SET down = replace(down, 'DROP TABLE d', 'DROP TABLE a') WHERE version = '004' AND down IS NOT NULL}, qr/the ledger was changed: the down script of "004_d\.sql" is not what was written/],
    ['script and digest', q{UPDATE stele.ledger SET down = 'DROP TABLE a', down_sha256 = sha256('DROP TABLE a') WHERE version = '004' AND down IS NOT NULL}, qr/the ledger was changed: row \d+ of component "main" \(apply 004_d\.sql\) was changed/],
    ['a row of another migration', q{UPDATE stele.ledger SET reason = 'x' WHERE seq = 1}, qr/the ledger was changed: row 1 /],
    ['the anchor', q{UPDATE stele.anchor SET hash = sha256('x')}, qr/the ledger was changed: the anchor is not the hash of the last row/],
    ['a script that is gone', q{UPDATE stele.ledger SET down = NULL WHERE version = '004' AND down IS NOT NULL}, qr/the down script of "004_d\.sql" is not what was written/],
) {
    my ($what, $sql, $complaint) = @{$case};
    my $tampered = tampered($db, $sql);
    my $rows = psql($tampered, 'SELECT seq FROM stele.anchor');
    for my $command (['down'], ['plan', '--down']) {
        ($exit, $out, $err) = stele($older, $tampered, @{$command}, '-2', '--from-ledger');
        is($exit, 6, "$what: @{$command} --from-ledger refuses") or diag($out, $err);
        like($err, $complaint, 'and says what was changed');
    }
    is(psql($tampered, q{SELECT seq, to_regclass('e') IS NOT NULL AND to_regclass('a') IS NOT NULL FROM stele.anchor}), "$rows|t", 'nothing was done');
}

# Lua goes into the ledger whole, with its modules.
{
    my $folder = migrations({'001_a.sql' => "CREATE TABLE a (x int, t text);\n-- stele: down\nDROP TABLE a;\n"});
    my $old = program($folder);
    migrations({
        '002_l.lua' => <<'LUA', 'text/shout.lua' => "local M = {}\nfunction M.shout(s)\n  return s:upper() .. '!'\nend\nreturn M\n"}, $folder);
-- stele: lua-memory 32MB
-- stele: after 001
local text = require "text.shout"
function up(db)
  db:exec("INSERT INTO a VALUES ($1, $2)", 1, text.shout("up"))
end
function down(db)
  print(text.shout("going down"))
  db:exec("UPDATE a SET t = $1", text.shout('it\'s "back"\\'))
end
function verify(db)
  return db:one("SELECT t FROM a").t == "UP!"
end
LUA
    my $new = program($folder, '--lua', $folder);
    my $other = fresh_database();
    is((stele($new, $other, 'up', '--verify'))[0], 0, 'up, with a function verify');
    ($exit, $out, $err) = stele($old, $other, 'down', '--from-ledger');
    is($exit, 9, 'what a function destroys nobody can tell');
    like($err, qr/taking "002_l\.lua" back may destroy data: only running it would tell/, 'as it says');
    like($out, qr/^    -- stele: lua-memory 32MB\n.*^    function up\(db\)\n.*^  with the module "text\.shout", \S*text\/shout\.lua:\n    local M = \{\}\n/ms, 'the script is shown, module and all');
    ($exit, $out, $err) = stele($old, $other, 'down', '--from-ledger', '--allow-destructive');
    is("$exit$err", '0', 'when it is allowed it goes back') or diag($out);
    like($out, qr/^ +GOING DOWN!$/m, 'and prints');
    is(psql($other, 'SELECT t FROM a'), q{IT'S "BACK"\!}, 'the function of the ledger ran');
    is((stele($old, $other, 'audit'))[0], 0, 'the audit agrees');
}

# The script is for the row that put it in last: not that of an earlier text.
{
    my $folder = migrations({'001_a.sql' => "CREATE TABLE a (x int);\n-- stele: down\nDROP TABLE a;\n"});
    my $old = program($folder);
    my $other = fresh_database();
    my ($first, $second) = map { migrations({'002_b.sql' => "CREATE TABLE b$_ (x int);\n-- stele: down\nDROP TABLE b$_;\n", '001_a.sql' => read_file("$folder/001_a.sql")}) } 1, 2;
    my ($one, $two) = map { program($_) } $first, $second;
    is((stele($one, $other, 'up'))[0], 0, 'one text');
    is((stele($old, $other, 'down', '--from-ledger'))[0], 0, 'is taken back');
    is((stele($two, $other, 'up'))[0], 0, 'another text of the same version');
    is((stele($old, $other, 'down', '--from-ledger'))[0], 0, 'is taken back by its own script');
    is(psql($other, q{SELECT count(*) FROM pg_class WHERE relname ~ '^b\d$'}), '0', 'both are gone');
    is((stele($old, $other, 'audit'))[0], 0, 'the audit agrees');
}

done_testing();
