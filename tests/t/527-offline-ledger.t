#!/usr/bin/perl
# plan --sql and what the ledger has: steps, parameters, several components, repeatables, and the way back.

use strict;
use warnings;

use Stele::Offline;
use Stele::Test;
use Test::More;

# A script's run that must go well.
sub runs {
    my ($database, $script, $name) = @_;
    my ($exit, $out, $err) = run_script($database, $script);
    is("$exit$err", '0', $name) or diag($err);
    return $out;
}

# One that must be refused, and change nothing.
sub refused {
    my ($database, $script, $message, $name) = @_;
    my $before = psql($database, "SELECT to_regclass('stele.ledger') IS NOT NULL") eq 't' ? rows_of($database) : '';
    my ($exit, $out, $err) = run_script($database, $script);
    is("$exit$out", '3', "$name: refused");
    like($err, $message, "$name: and why");
    is(psql($database, "SELECT to_regclass('stele.ledger') IS NOT NULL") eq 't' ? rows_of($database) : '', $before, "$name: nothing is changed");
    return;
}

# A plan that isn't made.
sub no_plan {
    my ($program, $status, $message, @arguments) = @_;
    my ($exit, $out, $err) = run($program, 'plan', '--sql', @arguments, {env => {PGHOST => '/nowhere'}});
    is("$exit$out", $status, "plan --sql @arguments: exit $status, no script");
    like($err, $message, "plan --sql @arguments: why");
    return;
}

# ------------------------------------------------------------------------ steps

my %steps = (
    '001_t.sql' => "CREATE TABLE t (x int);\nCREATE ROLE offline_owner;\nGRANT ALL ON SCHEMA public TO offline_owner;\nALTER TABLE t OWNER TO offline_owner;\n"
        . "INSERT INTO t SELECT generate_series(1, 10);\n-- stele: down\nDROP TABLE t;\nREVOKE ALL ON SCHEMA public FROM offline_owner;\nDROP ROLE offline_owner;\n",
    '002_steps.sql' => "-- stele: lock-timeout 5s\nSET ROLE offline_owner;\nCREATE TABLE u (x int);\nSET search_path = pg_catalog, public;\nCREATE INDEX CONCURRENTLY t_x ON public.t (x);\n"
        . "CREATE INDEX CONCURRENTLY IF NOT EXISTS u_x ON public.u (x);\nINSERT INTO public.u VALUES (7);\n"
        . "-- stele: down\nDROP INDEX CONCURRENTLY public.t_x;\nDROP TABLE public.u;\n",
    '003_enum.sql' => "CREATE TYPE e AS ENUM ('a');\nALTER TYPE e ADD VALUE 'b';\nCREATE TABLE v (e e DEFAULT 'b');\n-- stele: down\nDROP TABLE v;\nDROP TYPE e;\n",
);
{
    my $program = program(migrations({%steps}));
    my ($up, $psql) = map { fresh_database() } 1 .. 2;
    is((stele($program, $up, 'up'))[0], 0, 'steps: up');
    runs($up, offline($program, '--down', ':'), 'steps: all of it back'); # the role belongs to the whole server
    runs($psql, offline($program, ':'), 'steps: psql runs the script');
    is(psql($psql, "SELECT tableowner FROM pg_tables WHERE tablename = 'u'"), 'offline_owner', 'a role that is set holds through the steps');
    like(rows_of($psql), qr/action=begin.*action=step.*step=2/s, 'with the rows of the steps');
    my $rows = rows_of($psql);
    my $by_up = rows_of($up);
    is($rows, join("\n", (split /\n/, $by_up)[0 .. ($rows =~ tr/\n//)]), 'which are those of up');
    is((stele($program, $psql, $_))[0], 0, "steps: $_") for qw(check audit);
    runs($psql, online($program, $psql, '--down', '--all'), 'steps: back, planned with a connection');
    is(rows_of($psql), $by_up, 'the same rows, either way');
    is((stele($program, $psql, 'audit'))[0], 0, 'steps: audit of the way back');
    is(psql($psql, "SELECT count(*) FROM pg_roles WHERE rolname = 'offline_owner'"), 0, 'all is gone');
}

# Cut off in the middle of a script, at each of its statements that a migration has; the rest is planned again.
{
    my $program = program(migrations({
        '001_t.sql' => "CREATE TABLE t (x int);\n",
        '002_index.sql' => "CREATE INDEX CONCURRENTLY t_x ON t (x);\nCREATE TABLE u (x int);\nCREATE INDEX CONCURRENTLY u_x ON u (x);\n",
        '003_v.sql' => "CREATE TABLE v (x int);\n",
    }));
    my $whole = fresh_database();
    my $script = offline($program, ':');
    runs($whole, $script, 'whole');
    my @cuts;
    push(@cuts, pos($script)) while $script =~ /^(?:COMMIT|CREATE [^;\n]* t_x[^;]*|CREATE [^;\n]* u_x[^;]*);\n/mg;
    cmp_ok(scalar @cuts, '>', 8, 'there are places to cut');
    for my $cut (@cuts) {
        my $database = fresh_database();
        my ($exit) = run_script($database, substr($script, 0, $cut));
        my $rest = online($program, $database);
        ($exit, my ($out, $err)) = run_script($database, $rest);
        is("$exit$err", '0', "cut at $cut: the rest runs") or diag($err);
        is(pg_dump_schema($database), pg_dump_schema($whole), "cut at $cut: the same schema");
        is((stele($program, $database, $_))[0], 0, "cut at $cut: $_") for qw(check audit);
    }
    my $half = fresh_database();
    run_script($half, substr($script, 0, $cuts[3]));
    refused($half, offline($program, '001:'), qr/stele: "002_index.sql" is half done\nHINT:  nothing was done; plan with a connection/, 'half done');
    refused($half, offline($program, ':'), qr/not where this script begins/, 'half done, from nothing');
}

# A step that fails is recorded so; what it left is dropped by the next script.
{
    my $program = program(migrations({
        '001_t.sql' => "CREATE TABLE t (x int);\nINSERT INTO t VALUES (1), (1);\n",
        '002_index.sql' => "CREATE TABLE u (x int);\nCREATE UNIQUE INDEX CONCURRENTLY t_x ON t (x);\n",
    }));
    my $database = fresh_database();
    my ($exit, $out, $err) = run_script($database, offline($program, ':'));
    is("$exit$out", "3  001_t.sql\n", 'a step that fails: exit 3');
    like($err, qr/ERROR:  could not create unique index "t_x"\nDETAIL.*\n.*ERROR:  stele: step 2 of "002_index.sql" failed, and is recorded as such\nHINT: /, 'both are told');
    is(psql($database, "SELECT action, step, CASE WHEN action <> 'begin' THEN reason END FROM stele.ledger WHERE version = '002' ORDER BY seq"),
        "step|1|\nbegin|2|\nfail|2|could not create unique index \"t_x\"", 'the rows say so');
    is((stele($program, $database, 'audit'))[0], 0, 'audit is content with what is there');
    psql($database, 'DELETE FROM t');
    my $rest = online($program, $database);
    runs($database, $rest, 'the rest, after the rows are mended');
    is((stele($program, $database, $_))[0], 0, "and $_") for qw(check audit);
    is(psql($database, "SELECT indisvalid FROM pg_index WHERE indexrelid = 't_x'::regclass"), 't', 'the index is whole');
    refused($database, $rest, qr/stele: the ledger of component "main" is not where this script begins\nDETAIL:  expected head: r1:/, 'that script again');
}

# ------------------------------------------------------------------- parameters

{
    my $dir = migrations({
        'stele.conf' => "parameter dim integer build 3\nparameter who literal run\nparameter owner identifier run x\n",
        '001_p.sql' => "CREATE TABLE p (n int DEFAULT \${dim}, who text DEFAULT \${who}, \"\${owner} y\" int);\n-- stele: down\nDROP TABLE p;\nSELECT \${who};\n",
        '002_q.sql' => "INSERT INTO p (who) VALUES ('a ' || \${who});\n-- stele: down\nDELETE FROM p WHERE who LIKE 'a %';\n",
    });
    my $program = temporary();
    my ($exit, $out, $err) = build($dir, $program);
    is($exit, 0, 'parameters: built') or diag($err);
    my @given = ('-D', q(who=it's \ :y "z"));
    my ($up, $psql) = compare('parameters', $program, \@given);
    is(psql($psql, 'SELECT * FROM p'), psql($up, 'SELECT * FROM p'), 'parameters: the same data');
    no_plan($program, 9, qr/^\S+001_p\.sql:1:\d+: error: parameter "who" has no value/, ':');
    my $database = fresh_database();
    runs($database, offline($program, ':001', @given), 'parameters: the first');
    refused($database, offline($program, '001:', '-D', 'who=another'), qr/stele: a parameter differs: who is it's \\ :y "z" in the database, and another here/, 'another value');
    runs($database, offline($program, '001:', @given), 'parameters: the second');
    same($program, $up, $database, 'parameters, in two', @given);
    runs($database, offline($program, '--down', '002:', @given), 'parameters: back');
    is((stele($program, $up, 'down', '--all', '--allow-destructive', @given))[0], 0, 'parameters: down');
    same($program, $up, $database, 'parameters, back', @given);
}

# ------------------------------------------------------------ several components

{
    my $core = migrations({'001_a.sql' => "CREATE TABLE a (x int);\n-- stele: down\nDROP TABLE a;\n", '002_b.sql' => "-- stele: after auth/001\nCREATE TABLE b (x int);\n-- stele: down\nDROP TABLE b;\n"});
    my $auth = migrations({'001_u.sql' => "CREATE TABLE u (x int);\n-- stele: down\nDROP TABLE u;\n", '002_w.sql' => "CREATE TABLE w (x int);\n-- stele: one-way \"because\"\n"});
    my $program = temporary();
    my ($exit, $out, $err) = build("core=$core auth=$auth", $program);
    is($exit, 0, 'components: built') or diag($err);
    my ($up) = compare('components', $program);
    my $database = fresh_database();
    refused($database, offline($program, 'core/:'), qr/stele: "002_b.sql" comes after auth\/001, which is not applied/, 'without what it comes after');
    runs($database, offline($program, 'core/:001'), 'core to 001');
    runs($database, offline($program, 'auth/:001'), 'auth to 001');
    is(runs($database, offline($program, 'core/001:'), 'core to the end'), "  core/002_b.sql\n", 'it names the component');
    refused($database, offline($program, '--down', 'auth/001:'), qr/stele: "001_u.sql" can't be taken back: core\/002 comes after it, and is applied/, 'what another comes after');
    runs($database, offline($program, 'auth/001:'), 'auth to the end');
    is(pg_dump_schema($database), pg_dump_schema($up), 'components: the same schema');
    is((stele($program, $database, $_))[0], 0, "components: $_") for qw(check audit);
    my $both = fresh_database();
    runs($both, offline($program, 'core/:001,auth/:001'), 'two ranges');
    runs($both, offline($program, 'core/001:,auth/001:'), 'two more');
    is((stele($program, $both, 'check'))[0], 0, 'are all');
    my $to = fresh_database();
    refused($to, offline($program, ':core/002'), qr/comes after auth\/001/, 'a range that names one component is about that one');
    no_plan($program, 2, qr/error: this program carries several components; say which one "001:" is about\nhint: component\/FROM:TO/, '001:');
    no_plan($program, 2, qr/error: there is no migration "core\/009" in this program/, 'core/009:');
    no_plan($program, 2, qr/error: "001" does not come after "core\/002"\nhint: the way back is: plan --sql --down FROM:TO/, 'core/002:001');
    no_plan($program, 2, qr{error: a range is about one component, and "auth/002" is not of "core"\nhint: component/FROM:TO}, 'core/001:auth/002');
    no_plan($program, 9, qr/error: "002_w.sql" has no way back: because/, '--down', 'auth/:');
    no_plan($program, 9, qr/error: "001_u.sql" can't be taken back: core\/002 comes after it/, '--down', 'core/002:002,auth/001:');
    no_plan($program, 9, qr/error: "002_b.sql" comes after auth\/001, which is not applied/, 'core/:,auth/:0');
    no_plan($program, 2, qr/--sql with --json has no meaning/, ':', '--json');
    no_plan($program, 2, qr/have no meaning for a plan of ":"/, ':', '--down', '--component', 'core');
    no_plan($program, 2, qr/error: "core" is not a range\nhint: FROM:TO/, 'core/001:,core');
}

# -------------------------------------------------------------------- repeatables

{
    my %files = (
        '001_a.sql' => "CREATE TABLE a (x int);\n-- stele: down\nDROP TABLE a;\n",
        'R_one.sql' => "CREATE OR REPLACE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1';\n",
        'R_two.sql' => "-- stele: after R_one\nCREATE OR REPLACE FUNCTION two() RETURNS int LANGUAGE sql AS 'SELECT one() + 1';\n",
    );
    my $first = program(migrations({%files}));
    my ($up, $psql) = compare('repeatables', $first);
    is((run($first, 'plan', '--sql', '001:001'))[1], "-- nothing to do\n", 'nothing to do');
    runs($psql, offline($first, '001:'), 'again, without a connection');
    same($first, $up, $psql, 'what is not due is not run');
    # Changed, and new; a version between.
    my %next = (%files, '002_b.sql' => "CREATE TABLE b (x int);\n-- stele: down\nDROP TABLE b;\n",
        'R_one.sql' => "CREATE OR REPLACE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 11';\n",
        'R_a_new.sql' => "CREATE OR REPLACE VIEW fresh AS SELECT 3 AS \"three:x\";\n");
    my $second = program(migrations({%next}));
    is((stele($second, $up, 'up'))[0], 0, 'repeatables: up of the next program');
    runs($psql, offline($second, '001:'), 'repeatables: its script');
    same($second, $up, $psql, 'repeatables, changed');
    # Back, with repeatables in.
    is((stele($second, $up, 'down', '001', '--allow-destructive'))[0], 0, 'repeatables: down');
    runs($psql, offline($second, '--down', '002:001'), 'repeatables: back');
    same($second, $up, $psql, 'repeatables, back');
    is((stele($second, $up, 'up', '002'))[0], 0, 'repeatables: up again');
    runs($psql, offline($second, '001:002'), 'repeatables: up again, to a version');
    same($second, $up, $psql, 'repeatables, to a version');
    is((stele($second, $up, 'up'))[0], 0, 'repeatables: up to the end');
    runs($psql, offline($second, '002:'), 'repeatables: to the end');
    same($second, $up, $psql, 'repeatables, to the end');
    # Removed: only with a connection.
    delete $next{'R_two.sql'};
    my $third = program(migrations({%next}));
    is((stele($third, $up, 'up'))[0], 0, 'repeatables: up without one of them');
    refused($psql, offline($third, '002:'), qr/stele: the repeatable migration "two" is in, but not in this program/, 'removed');
    runs($psql, online($third, $psql), 'repeatables: planned with a connection');
    same($third, $up, $psql, 'repeatables, forgotten');
    # COPY can't be skipped.
    my $seed = program(migrations({%files, 'R_seed.sql' => "TRUNCATE a;\nCOPY a FROM stdin;\n1\n\\.\n"}));
    no_plan($seed, 9, qr/R_seed\.sql: error: "R_seed.sql" holds COPY data, and whether it is due only the database can tell\nhint: plan with a connection/, '001:');
    compare('a seed', $seed);
}

# ------------------------------------------------------------------- the way back

{
    my $newer = program(migrations({'001_a.sql' => "CREATE TABLE a (x int);\n", '002_b.sql' => "CREATE TABLE b (x int);\n-- stele: down\nDROP TABLE b;\n"}));
    my $older = program(migrations({'001_a.sql' => "CREATE TABLE a (x int);\n"}));
    my $database = fresh_database();
    is((stele($newer, $database, 'up'))[0], 0, 'up by the newer program');
    like(online($newer, $database, '--down'), qr/^-- 002_b\.sql\n-- destroys the rows of "?b"?\n/m, 'what is destroyed stands in the script');
    runs($database, online($older, $database, '--down', '--from-ledger'), 'back by the older one, from the ledger');
    is((stele($older, $database, $_))[0], 0, "the older one: $_") for qw(check audit);
    no_plan($newer, 9, qr/error: "001_a.sql" has no way back: it has no down section/, '--down', ':');
    my ($exit, $out, $err) = stele($newer, $database, 'plan', '--sql', '--down', '--all');
    is("$exit$out", '9', 'nor with a connection');
}

done_testing();
