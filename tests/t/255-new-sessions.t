#!/usr/bin/perl
# psql gives each file a session of its own. So what one migration leaves behind is not there for the next:
# settings that are no settings yet, plans, defaults that were changed for later sessions.

use strict;
use warnings;

use Stele::Test;
use Test::More;

# The history of one folder, applied by stele and file by file by psql, gives the same dump.
sub same {
    my ($name, @files) = @_;
    my %files = map { sprintf('%03d_m.sql', $_) => "$files[$_ - 1]\n" } 1 .. @files;
    my $dir = migrations({%files});
    my ($by_psql, $by_stele) = (fresh_database(), fresh_database());
    for my $file (sort keys %files) {
        my ($exit, $out, $err) = run(postgres('psql'), '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', url($by_psql), '-f', "$dir/$file");
        is($exit, 0, "$name: psql takes $file") or diag($err);
    }
    my ($exit, $out, $err) = stele(program($dir), $by_stele, 'up');
    is($exit, 0, "$name: up") or diag($err);
    is(pg_dump_schema($by_stele), pg_dump_schema($by_psql), "$name: the same schema");
    is(psql($by_stele, $_), psql($by_psql, $_), "$name: the same data") for map { "SELECT * FROM $_" } split(/ /, psql($by_psql,
        q{SELECT coalesce(string_agg(oid::regclass::text, ' '), '') FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace}));
    return;
}

my $uuid = '00000000-0000-0000-0000-000000000001';
same('a setting that is read later',
    q{CREATE TABLE t (id int, who uuid); CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN NEW.who := current_setting('app.user_id', true)::uuid; RETURN NEW; END $$;
      CREATE TRIGGER t BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION tf();},
    qq{SET app.user_id = '$uuid'; INSERT INTO t VALUES (1);}, 'INSERT INTO t VALUES (2);');
same('a column type that a function has seen',
    q{CREATE TABLE t (id int, amount int, note text); CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN NEW.note := 'a' || NEW.amount; RETURN NEW; END $$;
      CREATE TRIGGER t BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION tf(); INSERT INTO t VALUES (1, 1);},
    'ALTER TABLE t ALTER amount TYPE bigint;', 'UPDATE t SET amount = amount + 1;');
same('the default search_path is changed',
    q{CREATE SCHEMA app; DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = app, public', current_database()); END $$;},
    'CREATE TABLE t (id int);');
same('a deferred trigger sees the settings of its migration',
    q{CREATE TABLE t (id int); CREATE TABLE log (id int, who text);
      CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN INSERT INTO log VALUES (NEW.id, current_setting('app.who', true)); RETURN NULL; END $$;
      CREATE CONSTRAINT TRIGGER ct AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tf();},
    q{BEGIN; SET app.who = 'me'; INSERT INTO t VALUES (1); COMMIT;});
same('procedures that commit, called by others',
    q{CREATE TABLE runs (x int); CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN INSERT INTO runs VALUES (1); COMMIT; END $$;
      CREATE PROCEDURE q() LANGUAGE plpgsql AS $$ BEGIN CALL p(); END $$; CALL q(); DO $$ BEGIN CALL public.p(); END $$;});
same('enum values that are used at once',
    q{CREATE SCHEMA a; CREATE SCHEMA b; CREATE TYPE b.e AS ENUM ('x'); CREATE TABLE t (x b.e);},
    q{CREATE TYPE a.e AS ENUM ('x'); ALTER TYPE b.e ADD VALUE 'y'; INSERT INTO t VALUES ('y');},
    q{DO $$ BEGIN ALTER TYPE b.e ADD VALUE 'z'; EXCEPTION WHEN duplicate_object THEN NULL; END $$; INSERT INTO t VALUES ('z');});

# An error of the kinds that are tried again in a new session, though it is no session's fault: others wait behind it in the pipeline.
for my $case (['0A000', 'CREATE EXTENSION no_such_extension;'], ['42804', 'CREATE TABLE t (x text); ALTER TABLE t ALTER x TYPE int;'],
              ['XX000', q{DO $$ BEGIN RAISE 'mine' USING ERRCODE = 'XX000'; END $$;}]) {
    my ($code, $fails) = @$case;
    my $program = program(migrations({'001_a.sql' => $fails, map { ("00${_}_b.sql" => "CREATE TABLE t$_ (x int);\n") } 2 .. 4}));
    my ($exit, $out, $err) = run('timeout', 200, $program, 'up', '--db', url(fresh_database()));
    is($exit, 1, "$code in the first of four is told, not tried for ever");
    like($err, qr/001_a\.sql:1:.*\[\Q$code\E\]/, 'and where');
}

# A step may drop the session's locks; the next one takes stele's again.
{
    my $program = program(migrations({'001_a.sql' => <<'SQL'}));
CREATE TABLE runs (pid int);
CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN INSERT INTO runs VALUES (pg_backend_pid()); COMMIT; PERFORM pg_sleep(1); END $$;
DISCARD ALL;
CALL p();
SQL
    my $database = fresh_database();
    my @running = map { start($program, 'up', '--db', url($database)) } 1 .. 3;
    my @ends = map { [finish($_)] } @running;
    is(join(' ', map { $_->[0] } @ends), '0 0 0', 'three processes and a DISCARD ALL') or diag(map { "exit $_->[0]: $_->[1]$_->[2]" } @ends);
    is(psql($database, 'SELECT count(*) FROM runs'), 1, 'the step ran once');
}

done_testing();
