#!/usr/bin/perl
# Up and down again, migration by migration: each down leaves the schema, and the digest of what is applied, as
# they were before its up; the ledger tells the story; and the next up goes all the way again.

use strict;
use warnings;

use File::Glob qw(:bsd_glob);
use Stele::Ledger;
use Stele::Test;
use Test::More;

my ($exit, $out, $err);

# A migration with as much on its way back as the way up may have.
my %featured = (
    'stele.conf' => "parameter schema identifier run\nparameter word literal run\nparameter size integer build 7\nparameter tail raw run\n",
    '001_tables.sql' => <<'SQL',
CREATE SCHEMA ${schema};
CREATE TABLE ${schema}.t (id int PRIMARY KEY, t text DEFAULT ${word}, v ${tail}(${size}));
COMMENT ON TABLE ${schema}.t IS ${word};
-- stele: down
DROP TABLE ${schema}.t;
DROP SCHEMA ${schema};
SQL
    '002_types.sql' => <<'SQL',
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE SEQUENCE s START 5;
CREATE FUNCTION f(int) RETURNS int LANGUAGE plpgsql AS $body$ BEGIN RETURN $1 + 1; -- a comment; with a semicolon
END $body$;
-- stele: down
DROP FUNCTION f(int);
DROP SEQUENCE s; /* a comment */ DROP DOMAIN positive;
DROP TYPE mood
SQL
    '003_fill.sql' => <<'SQL',
CREATE TABLE words (n int, word text);
COPY words FROM stdin;
1	one\ttwo
2	\N
\.
-- stele: down
DROP TABLE words;
SQL
    # Takes rows away on the way up, and brings them back by COPY.
    '004_empty.sql' => <<'SQL',
TRUNCATE words;
-- stele: down
COPY words FROM stdin;
1	one\ttwo
2	\N
\.
INSERT INTO words SELECT 3, 'three; ' || ${word} || '${word}' || '${size}';
SQL
    '005_index.sql' => <<'SQL',
CREATE INDEX CONCURRENTLY words_n ON words (n);
-- stele: down
DROP INDEX CONCURRENTLY words_n;
SQL
    # The other way round: the way back builds an index, between two transactions.
    '006_unindex.sql' => <<'SQL',
DROP INDEX CONCURRENTLY words_n;
ALTER TABLE words ADD COLUMN more text;
-- stele: down
ALTER TABLE words DROP COLUMN more;
CREATE INDEX CONCURRENTLY words_n ON words (n);
ALTER INDEX words_n SET (fillfactor = 90);
ALTER INDEX words_n RESET (fillfactor);
SQL
    # A new enum value has no way back but a new type.
    '007_enum.sql' => <<'SQL',
ALTER TYPE mood ADD VALUE 'happy';
-- stele: down
ALTER TYPE mood RENAME TO mood_old;
CREATE TYPE mood AS ENUM ('sad', 'ok');
DROP TYPE mood_old;
SQL
    # Leaves settings, a role and a temporary table behind, both ways.
    '008_session.sql' => <<'SQL',
SET search_path = pg_catalog;
CREATE TABLE public.of_role ();
CREATE TEMP TABLE left_behind ();
SET ROLE somebody;
-- stele: down
SET search_path = pg_catalog;
SET standard_conforming_strings = off;
CREATE TEMP TABLE left_behind ();
DROP TABLE public.of_role;
SET ROLE somebody;
SQL
    '009_nothing.sql' => "-- nothing\n-- stele: down\n",
    '010_after.sql' => <<'SQL',
CREATE TABLE after_all (x int DEFAULT 1, y text DEFAULT 'a\b');
-- stele: down
DROP TABLE after_all;
SQL
);

my @with = map { ('-D', $_) } 'schema=a "quoted" schema', q{word=it's \\ "so"}, 'tail=varchar';

# Everything up, one at a time; then down in each of the ways there are, and each time the schema as it was at that place.
sub both_ways {
    my ($name, $program, $versions, @options) = @_;
    my $database = fresh_database();
    psql($database, 'CREATE ROLE somebody') if psql($database, q{SELECT count(*) FROM pg_roles WHERE rolname = 'somebody'}) eq '0';
    my @schemas = (pg_dump_schema($database));
    my @states = (undef);
    for my $version (@{$versions}) {
        ($exit, $out, $err) = stele($program, $database, 'up', $version, @options);
        is("$exit$err", '0', "$name: up $version") or diag($out);
        push(@schemas, pg_dump_schema($database));
        push(@states, psql($database, 'SELECT state FROM stele.anchor'));
    }
    for my $at (reverse 0 .. $#{$versions}) {
        ($exit, $out, $err) = stele($program, $database, 'down', '--allow-destructive', @options);
        is("$exit$err", '0', "$name: down from $versions->[$at]") or diag($out);
        is(pg_dump_schema($database), $schemas[$at], "$name: the schema is as before $versions->[$at]");
        is(psql($database, 'SELECT state FROM stele.anchor'), $states[$at], "$name: and the digest") if $at > 0;
        is((stele($program, $database, 'check'))[0], 5, "$name: check says that it is pending");
    }
    is((stele($program, $database, 'audit'))[0], 0, "$name: the audit agrees");
    is(psql($database, 'SELECT state FROM stele.anchor'), state_digest('main'), "$name: nothing is applied");
    ($exit, $out, $err) = stele($program, $database, 'down');
    is("$exit|$err", '0|', "$name: one more down");
    like($out, qr/^nothing to take back/, "$name: finds nothing");
    ($exit, $out, $err) = stele($program, $database, 'up', @options);
    is("$exit$err", '0', "$name: up again, at once") or diag($out);
    is(pg_dump_schema($database), $schemas[-1], "$name: makes the same schema");
    is((stele($program, $database, 'check'))[0], 0, "$name: and check is content");
    ($exit, $out, $err) = stele($program, $database, 'redo', '--all', '--allow-destructive', @options);
    is("$exit$err", '0', "$name: redo --all") or diag($out);
    is(pg_dump_schema($database), $schemas[-1], "$name: makes the same again");
    ($exit, $out, $err) = stele($program, $database, 'down', $versions->[0], '--allow-destructive', @options);
    is("$exit$err", '0', "$name: down to the first, at once") or diag($out);
    is(pg_dump_schema($database), $schemas[1], "$name: which stays");
    ($exit, $out, $err) = stele($program, $database, 'down', '--all', '--allow-destructive', @options);
    is("$exit$err", '0', "$name: down --all") or diag($out);
    is(pg_dump_schema($database), $schemas[0], "$name: leaves nothing");
    is((stele($program, $database, 'audit'))[0], 0, "$name: the audit agrees with all of it");
    my @rows = ledger_rows($database);
    my @wrong = grep { row_hash($rows[$_], $_ ? $rows[$_ - 1]{hash} : undef) ne $rows[$_]{hash} } 0 .. $#rows;
    is("@wrong", '', "$name: and so does the third implementation of the chain");
    return $database;
}

my @versions = map { sprintf('%03d', $_) } 1 .. 10;
my $program = program(migrations(\%featured));
my $db = both_ways('of many features', $program, \@versions, @with);
both_ways('the reference history', built('stele-reference'), [sort map { /(\d+)_[^\/]*\z/ ? $1 : () } map { glob(top() . "/$_") } 'migrations/*.sql', 'lua/[0-9]*.lua']);

# The data that a way back brings.
$db = fresh_database();
is((stele($program, $db, 'up', @with))[0], 0, 'up');
($exit, $out, $err) = stele($program, $db, 'down', '3', '--allow-destructive');
is("$exit$err", '0', 'down needs no parameter that is in force already') or diag($out);
is(psql($db, 'SELECT * FROM words ORDER BY n'), "1|one\ttwo\n2|\n3|three; it's \\ \"so\"it's \\ \"so\"7", 'COPY and parameters in a way back');

# What the ledger says of it.
$db = fresh_database();
stele($program, $db, 'up', @with);
stele($program, $db, 'down', '5', '--allow-destructive');
is(psql($db, q{SELECT string_agg(version || ' ' || action || coalesce(' ' || step, ''), ', ' ORDER BY seq) FROM stele.ledger WHERE seq > (SELECT max(seq) FROM stele.ledger WHERE action = 'apply')}),
    '010 revert, 009 revert, 008 revert, 007 revert, 006 down-step 1, 006 down-begin 2, 006 down-step 2, 006 down-step 3, 006 revert', 'its rows');
is(psql($db, q{SELECT string_agg(statements || '', ' ' ORDER BY seq) FROM stele.ledger WHERE action = 'revert'}), '1 0 5 3 4', 'with the statements of the way back');
is(psql($db, q{SELECT count(*) FROM stele.ledger WHERE action LIKE 'down%' AND down IS NOT NULL OR action = 'revert' AND (down IS NOT NULL OR source NOT LIKE 's1:%')}), '0',
    'and no script, which the row that put it in has');
like((stele($program, $db, 'status'))[1], qr/^  applied     005.*\n  pending     006/m, 'status');
like((stele($program, $db, 'history'))[1], qr/^  +\d+  \S+ \S+Z  down-begin 2  006_unindex\.sql /m, 'history');
is((stele($program, $db, 'check'))[0], 5, 'check');

# psql runs the script that the ledger keeps as well.
$db = fresh_database();
my $empty = pg_dump_schema($db);
stele($program, $db, 'up', @with);
psql($db, psql($db, qq{SELECT down FROM stele.ledger WHERE action = 'apply' AND version = '$_'}) . "\nRESET ALL; RESET ROLE; DISCARD TEMP;\n") for reverse @versions;
is(pg_dump_schema($db), $empty, "psql takes all back by the ledger's scripts");

# What is said of it.
$db = fresh_database();
stele($program, $db, 'up', @with);
($exit, $out, $err) = stele($program, $db, 'plan', '--down', '-6');
is("$exit|$err", '0|', 'plan --down');
$out =~ s/\d{4}-\S+ \S+Z/TIME/g;
is($out, <<'TEXT', 'shows each migration with the statements of its way back');
010_after.sql  applied TIME, taken back by this program
      3  DROP TABLE after_all
009_nothing.sql  applied TIME, taken back by this program
008_session.sql  applied TIME, taken back by this program
      6  SET search_path = pg_catalog
      7  SET standard_conforming_strings = off
      8  CREATE TEMP TABLE left_behind ()
      9  DROP TABLE public.of_role
     10  SET ROLE somebody
007_enum.sql  applied TIME, taken back by this program
      3  ALTER TYPE mood RENAME TO mood_old
      4  CREATE TYPE mood AS ENUM ('sad', 'ok')
      5  DROP TYPE mood_old
006_unindex.sql  applied TIME, taken back by this program
  step 1
      4  ALTER TABLE words DROP COLUMN more
  step 2, outside a transaction
      5  CREATE INDEX CONCURRENTLY words_n ON words (n)
  step 3
      6  ALTER INDEX words_n SET (fillfactor = 90)
      7  ALTER INDEX words_n RESET (fillfactor)
005_index.sql  applied TIME, taken back by this program
  step 1, outside a transaction
      3  DROP INDEX CONCURRENTLY words_n
6 migrations to take back
TEXT
my $before = psql($db, 'SELECT count(*) FROM stele.ledger');
is($before, psql($db, 'SELECT seq FROM stele.anchor'), 'and writes nothing');
($exit, $out, $err) = stele($program, $db, 'down', '-2');
like("$exit|$err|$out", qr/\A0\|\|010_after\.sql  applied .*\n +3  DROP TABLE after_all\n009_nothing\.sql .*\n  010_after\.sql +1 statement  +[\d.]+ m?s  taken back\n  009_nothing\.sql +0 statements +[\d.]+ m?s  taken back\ntook back 2 migrations, 2 pending; the database is at 008\nhead r1:[0-9a-f]{64}\n\z/,
    'down shows it first, then does it');
($exit, $out, $err) = stele($program, $db, 'down', '--quiet');
is("$exit|$out|$err", '0||', 'down --quiet');
my @events = json_lines((stele($program, $db, 'down', '-3', '--json'))[1]);
is(join(' ', map { $_->{event} . ($_->{step} // '') } @events),
    'reversal statement1 statement1 statement1 reversal statement1 statement2 statement3 statement3 reversal statement1 start reverted start step1 step2 step3 reverted start step1 reverted result',
    'down --json');
is_deeply([@{$events[-1]}{qw(status reverted applied pending version)}], [0, 3, 0, 6, '004'], 'with its result');
is($events[-1]{head}, psql($db, q{SELECT hash FROM stele.history ORDER BY seq DESC LIMIT 1}), 'and the head');
@events = json_lines((stele($program, $db, 'redo', '--json', '--allow-destructive'))[1]);
is_deeply([@{$events[-1]}{qw(status reverted applied pending version)}], [0, 1, 1, 6, '004'], 'redo --json') or diag(explain($events[-1]));

# A ledger that isn't there.
my $fresh = fresh_database();
($exit, $out, $err) = stele($program, $fresh, 'down', '--all');
is("$exit|$out|$err", "0|nothing to take back, 10 pending\n|", 'down where there is no ledger');
is(psql($fresh, q{SELECT to_regnamespace('stele') IS NULL}), 't', 'makes none');
($exit, $out, $err) = stele($program, $fresh, 'plan', '--down');
is("$exit|$out|$err", "0|nothing to take back\n|", 'plan --down there');

done_testing();
