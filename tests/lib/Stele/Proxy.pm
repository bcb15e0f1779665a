package Stele::Proxy;

# A history that has everything in it that may be disturbed, the proxy (tests/programs/proxy.c) that disturbs it, and what must
# be true afterwards: `up` once more, and the database is what an undisturbed `up` makes of it.
#
#     my $fixture = fixture(everything());
#     my ($exit, $out, $err) = through(afresh($fixture), ['cut', 'c', 17, -1], $fixture->{program}, 'up');
#     my @wrong = (told($exit, $err), whole($fixture));

use strict;
use warnings;

use Exporter qw(import);
use Stele::Session;
use Stele::Test;
use Time::HiRes qw(sleep time);

our @EXPORT = qw(everything little fixture afresh messages bytes through proxy_path settle told whole state_of);

# Transactions, statements that can't run in one, an enum value in a step of its own, own BEGIN and COMMIT, COPY, Lua, a
# setting that is left behind, a deferred check, something repeatable, and a second component.
sub everything {
    return {
        '001_plain.sql' => "CREATE TABLE a (x int PRIMARY KEY, t text);\nINSERT INTO a SELECT i, 'row ' || i FROM generate_series(1, 20) AS i;\n",
        '002_index.sql' => "ALTER TABLE a ADD COLUMN n int DEFAULT 7;\nCREATE INDEX CONCURRENTLY a_t ON a (t);\nVACUUM a;\nINSERT INTO a VALUES (100, 'behind', 8);\n",
        '003_enum.sql' => "CREATE TYPE mood AS ENUM ('sad', 'ok');\nCREATE TABLE moods (m mood);\n",
        '004_value.sql' => "ALTER TYPE mood ADD VALUE 'happy';\nINSERT INTO moods VALUES ('happy');\n",
        '005_own.sql' => "BEGIN;\nCREATE TABLE own (x int);\nCOMMIT;\nBEGIN ISOLATION LEVEL SERIALIZABLE;\nINSERT INTO own VALUES (1);\nCOMMIT;\nINSERT INTO own VALUES (2);\n",
        '006_copy.sql' => "CREATE TABLE c (x int, t text);\nCOPY c FROM stdin;\n1\tone\n2\ttwo\n3\t\\N\n\\.\nINSERT INTO c VALUES (4, 'four');\n",
        '007_lua.lua' => "function up(db)\n  db:exec(\"CREATE TABLE l (x int, t text)\")\n  for row in db:rows(\"SELECT x, t FROM c ORDER BY x\") do\n"
            . "    db:exec(\"INSERT INTO l VALUES (\$1, \$2)\", row.x, row.t)\n  end\nend\n",
        '008_set.sql' => "SET search_path = '';\nCREATE TABLE public.s (x int);\nALTER TABLE public.a ADD CONSTRAINT known FOREIGN KEY (n) REFERENCES public.a (x)"
            . " DEFERRABLE INITIALLY DEFERRED NOT VALID;\n",
        '009_validate.sql' => "-- stele: no-transaction\nINSERT INTO a VALUES (7, 'seven') ON CONFLICT DO NOTHING;\nALTER TABLE a VALIDATE CONSTRAINT known;\nDROP INDEX CONCURRENTLY a_t;\nREINDEX INDEX CONCURRENTLY a_pkey;\n",
        '009.5_detach.sql' => "CREATE TABLE p (x int) PARTITION BY LIST (x);\nCREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);\nCREATE TABLE p2 PARTITION OF p FOR VALUES IN (2);\n"
            . "INSERT INTO p VALUES (1), (2);\nALTER TABLE p DETACH PARTITION p1 CONCURRENTLY;\nINSERT INTO p VALUES (2);\n",
        '010_other.sql' => "-- stele: component other\nCREATE TABLE other (x int);\nCREATE UNIQUE INDEX CONCURRENTLY other_x ON other (x);\n",
        'R_view.sql' => "CREATE OR REPLACE VIEW v AS SELECT count(*) AS n FROM a;\n",
    };
}

# The same in little.
sub little {
    return {
        '1_a.sql' => "CREATE TABLE a (x int);\nINSERT INTO a VALUES (1);\n",
        '2_i.sql' => "CREATE INDEX CONCURRENTLY i ON a (x);\n",
        '3_c.sql' => "COPY a FROM stdin;\n2\n\\.\n",
        '4_l.lua' => "function up(db)\n  db:exec(\"INSERT INTO a SELECT max(x) + 1 FROM a\")\nend\n",
    };
}

# A program of such files, and what its undisturbed `up` leaves.
sub fixture {
    my ($files) = @_;
    my %fixture = (program => program(migrations($files)), database => fresh_database());
    afresh(\%fixture);
    my ($exit, $out, $err, $trace) = through($fixture{database}, ['none'], $fixture{program}, 'up');
    die "undisturbed, up exits $exit: $out$err" if $exit;
    $fixture{trace} = $trace;
    $fixture{state} = state_of($fixture{database});
    $fixture{dump} = dump_of($fixture{database});
    return \%fixture;
}

# The fixture's database, empty again: sooner than another one.
sub afresh {
    my ($fixture) = @_;
    ask($fixture->{database}, 'SET client_min_messages = error; DROP SCHEMA IF EXISTS stele CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public');
    return $fixture->{database};
}

# The messages of a side that an undisturbed up has: their numbers.
sub messages {
    my ($fixture, $side) = @_;
    return map { $_->[1] } grep { $_->[0] eq $side } @{$fixture->{trace}};
}

# How many bytes those are.
sub bytes {
    my ($fixture, $side) = @_;
    my $sum = 0;
    $sum += $_->[3] for grep { $_->[0] eq $side } @{$fixture->{trace}};
    return $sum;
}

# ------------------------------------------------------------------- the proxy

my $proxy;

sub proxy_path { return $proxy ||= helper('proxy') }

# Run a command of a program through the proxy, with a rule: as run(), and the messages that passed, each
# [side, number, type, length, connection]. A last argument that is a hash is run()'s.
sub through {
    my ($database, $rule, $program, @arguments) = @_;
    my %option = ref $arguments[-1] ? %{pop @arguments} : ();
    my $folder = temporary(1);
    my $path = temporary();
    my ($exit, $out, $err) = run(proxy_path(), server() . '/.s.PGSQL.5432', $folder, $path, @{$rule}, '--', $program, @arguments,
        '--db', "host=$folder user=postgres dbname=$database", {timeout => 120, %option});
    my @trace = -e $path ? map { [split(/ /)] } split(/\n/, read_file($path)) : ();
    unlink($path, "$folder/.s.PGSQL.5432");
    rmdir($folder);
    return ($exit, $out, $err, [grep { @{$_} == 5 } @trace], scalar(grep { $_->[0] eq 'fired' } @trace));
}

# ------------------------------------------------------------ what must be true

# The server may still be at work on what it got before the harm. A pooler's idle connections stay.
sub settle {
    my ($database, $pooled) = @_;
    my $who = "datname = '$database' AND application_name <> 'harness'" . ($pooled ? " AND state <> 'idle'" : '');
    for (my $until = time() + 120; time() < $until; sleep(0.003)) {
        return if ask('postgres', "SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE $who") eq '0';
    }
    die "a backend of $database stays\n";
}

# Every object of the schemas public and stele, with all that PostgreSQL itself says of it, and every row of public.
my $objects = <<'SQL';
SET search_path = '';
SELECT 'schema', nspname, nspowner::regrole FROM pg_namespace WHERE nspname IN ('public', 'stele') ORDER BY 2;
SELECT 'relation', oid::regclass, relkind, relpersistence, relowner::regrole, relacl, reloptions, relhastriggers, relrowsecurity
  FROM pg_class WHERE relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('public', 'stele')) ORDER BY 2;
SELECT 'column', attrelid::regclass, attname, atttypid::regtype, atttypmod, attnotnull, pg_get_expr(adbin, adrelid)
  FROM pg_attribute JOIN pg_class AS c ON c.oid = attrelid LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
 WHERE relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('public', 'stele')) AND attnum > 0 ORDER BY attrelid::regclass::text, attnum;
SELECT 'constraint', conrelid::regclass, conname, convalidated, pg_get_constraintdef(oid) FROM pg_constraint
 WHERE connamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('public', 'stele')) ORDER BY conrelid::regclass::text, conname;
SELECT 'index', indexrelid::regclass, indisvalid, indisready, indislive, pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class AS c ON c.oid = indrelid
 WHERE relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('public', 'stele')) ORDER BY indexrelid::regclass::text;
SELECT 'function', pg_get_functiondef(oid), proacl FROM pg_proc
 WHERE pronamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('public', 'stele')) AND prokind = 'f' ORDER BY oid::regprocedure::text;
SELECT 'trigger', tgname, tgenabled, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY tgrelid::regclass::text, tgname;
SELECT 'enum', enumtypid::regtype, enumlabel FROM pg_enum ORDER BY enumtypid::regtype::text, enumsortorder;
SELECT 'view', viewname, definition FROM pg_views WHERE schemaname IN ('public', 'stele') ORDER BY schemaname, viewname;
SELECT 'rows', oid::regclass, query_to_xml(format('SELECT * FROM %s AS r ORDER BY r::text COLLATE "C"', oid::regclass), false, true, '') FROM pg_class
 WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 2;
RESET search_path;
SQL

# The ledger's rows, without what differs from run to run.
my $rows = <<'SQL';
SELECT 'ledger', component, action, version, name, file, step, format, source, tokens, state, parameters, compat, one_way, down, encode(down_sha256, 'hex'),
       statements, role, build FROM stele.ledger WHERE action <> 'fail' ORDER BY component, seq
SQL

# What a database is, as a text. A step that was begun more than once, or failed, counts as one that began once.
sub state_of {
    my ($database) = @_;
    my $there = ask($database, q{SELECT to_regclass('stele.ledger') IS NOT NULL}) eq 't';
    my @lines;
    for my $line ($there ? split(/\n/, ask($database, $rows)) : ()) {
        push(@lines, $line) unless @lines && $line eq $lines[-1] && $line =~ /^ledger\|\w+\|(?:down-)?begin\|/;
    }
    return ask($database, $objects) . join("\n", '', @lines, '');
}

# The same, as pg_dump has it.
sub dump_of {
    my ($database) = @_;
    my ($exit, $dump, $err) = run(postgres('pg_dump'), '--exclude-table-data=stele.*', '-d', url($database));
    die "pg_dump: $err" if $exit;
    return $dump =~ s/^\\(?:un)?restrict .*\n//mgr;
}

# The first line in which two states differ.
sub difference {
    my ($is, $want) = map { [split(/\n/, $_)] } @_;
    for my $i (0 .. (@{$is} > @{$want} ? $#{$is} : $#{$want})) {
        my ($a, $b) = ($is->[$i] // '(end)', $want->[$i] // '(end)');
        return "is   $a\n     want $b" if $a ne $b;
    }
    return '';
}

# Does a run that was disturbed say so? It may have done all its work before.
sub told {
    my ($exit, $err, @allowed) = @_;
    @allowed = (3) unless @allowed;
    return if $exit == 0;
    return "exit $exit: $err" unless grep { $exit == $_ } @allowed;
    return "exit $exit, and says nothing that helps: $err" if $exit < 128 && $err !~ /error: \S.*\S/;
    return "exit $exit, and speaks of libpq's inner life: $err" if $err =~ /pipeline|synchronous|another command is already/;
    return;
}

# What is wrong with the fixture's database after it was disturbed: with the ledger at once, and with anything after one more `up`.
# With `dump`, also as pg_dump sees it. With `known`, a state that was seen to be whole three times before isn't brought up once more, as
# a rule: of thousands of cuts, many leave the same.
sub whole {
    my ($fixture, %option) = @_;
    my $database = $fixture->{database};
    my @wrong;
    settle($database, $option{pooled});
    push(@wrong, 'a lock stays behind') if ask($database, q{SELECT count(*) FROM pg_catalog.pg_locks WHERE locktype = 'advisory'
        AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())}) ne '0';
    my $left = $option{known} ? state_of($database) : '';
    return @wrong if $option{known} && ($fixture->{known}{$left} // 0) >= 3 && rand() > 0.1;
    my ($exit, $out, $err) = stele($fixture->{program}, $database, 'audit');
    push(@wrong, "audit exits $exit: $out$err") if $exit;
    ($exit, $out, $err) = stele($fixture->{program}, $database, 'up', @{$option{up} || []});
    push(@wrong, "the next up exits $exit: $err") if $exit;
    ($exit, $out, $err) = $option{dump} ? stele($fixture->{program}, $database, 'audit') : (0);
    push(@wrong, "then audit exits $exit: $out$err") if $exit;
    my $difference = difference(state_of($database), $fixture->{state});
    $difference = difference(dump_of($database), $fixture->{dump}) if $difference eq '' && $option{dump};
    push(@wrong, "not what an undisturbed up leaves:\n     $difference") if $difference ne '';
    $fixture->{known}{$left}++ unless @wrong;
    return @wrong;
}

1;
