#!/usr/bin/perl
# A migration may set what it likes and make temporary tables: the next one, the ledger and the
# application whose connection it is see nothing of that.

use strict;
use warnings;

use Stele::Ledger;
use Stele::Test;
use Test::More;

# Raises unless the session is as a fresh one: put behind each file.
my $check = <<'SQL';
DO $check$
DECLARE said text;
BEGIN
  SELECT string_agg(format('%s=%s', name, setting), ' ') INTO said FROM pg_settings
   WHERE source = 'session' AND setting <> reset_val AND name NOT IN ('row_security', 'synchronous_commit', 'client_encoding', 'transaction_isolation',
     'transaction_read_only', 'transaction_deferrable', 'lock_timeout', 'statement_timeout')
     OR name IN ('search_path', 'role') AND setting NOT IN ('"$user", public', 'none')
     OR name = 'row_security' AND setting <> 'off' OR name = 'statement_timeout' AND setting <> '0' OR name = 'lock_timeout' AND setting <> '5000';
  IF said <> '' OR session_user <> 'postgres' OR current_user <> 'postgres' THEN
    RAISE EXCEPTION 'the session is not as it was: % % %', said, session_user, current_user;
  END IF;
  IF EXISTS (SELECT FROM pg_class WHERE relpersistence = 't' AND relnamespace = pg_my_temp_schema()) THEN
    RAISE EXCEPTION 'a temporary table is left';
  END IF;
END $check$;
SQL
my @disorderly = (
    "SET search_path = '';\n",
    "SELECT pg_catalog.set_config('search_path', '', false);\n",
    "SET ROLE lesser;\n",
    "SET SESSION AUTHORIZATION lesser;\n",
    "SET LOCAL search_path = nowhere;\n",
    "SET statement_timeout = 60000;\nSET lock_timeout = 60000;\n",
    "SET DateStyle = 'German';\nSET TIME ZONE 'Asia/Kathmandu';\nSET bytea_output = 'escape';\nSET standard_conforming_strings = off;\n",
    "SET row_security = on;\nSET session_replication_role = replica;\nSET default_transaction_isolation = 'serializable';\n",
    "SET default_transaction_read_only = on;\n",
    "SET client_encoding = 'LATIN1';\n",
    "SET client_min_messages = error;\nSET check_function_bodies = false;\nSET my.own = 'x';\n",
    "CREATE TEMP TABLE x (y int);\n",
    "CREATE TEMP TABLE x (z int);\nINSERT INTO x VALUES (1);\n",
    "SELECT 1 AS y INTO TEMP x;\n",
    "DO \$\$ BEGIN CREATE TEMP TABLE x (q int); PERFORM set_config('search_path', 'nowhere', false); END \$\$;\n",
    "DO \$\$ BEGIN EXECUTE 'SET ' || 'ROLE lesser'; END \$\$;\n",
    "CREATE FUNCTION public.f() RETURNS void LANGUAGE plpgsql AS \$\$ BEGIN CREATE TEMP TABLE x (q int); SET search_path = nowhere; END \$\$;\n",
    "SELECT public.f();\n",
    "SET search_path = '';\nCREATE INDEX CONCURRENTLY ON public.indexed (x);\nSET ROLE lesser;\n",
    "PREPARE p AS SELECT 1;\nDECLARE c CURSOR WITH HOLD FOR SELECT 1;\nLISTEN something;\n",
    "PREPARE p AS SELECT 2;\nDECLARE c CURSOR WITH HOLD FOR SELECT 2;\n",
    "BEGIN ISOLATION LEVEL SERIALIZABLE;\nSET search_path = '';\nCREATE TABLE public.serial (x int);\nCOMMIT;\n",
);
my %files = ('000_base.sql' => "CREATE TABLE indexed (x int);\n");
my $n = 0;
for my $file (@disorderly) {
    $files{sprintf('%03d_disorder.sql', ++$n)} = $file;
    $files{sprintf('%03d_check.sql', ++$n)} = $check;
}
my $dir = migrations({%files});
my $program = program($dir);
my $db = fresh_database();
psql('postgres', 'CREATE ROLE lesser; GRANT lesser TO postgres');
my ($exit, $out, $err) = stele($program, $db, 'up');
is($exit, 0, 'each file finds a session in order') or diag($err);
is(psql($db, 'SELECT count(*), string_agg(DISTINCT role, $$,$$) FROM stele.ledger WHERE action = $$apply$$'), scalar(keys %files) . '|postgres', 'and all are in');
($exit, $out, $err) = stele($program, $db, 'audit');
is($exit, 0, 'the ledger is sound') or diag($out);
my $whole = pg_dump_schema($db);

# One at a time, since in a pipeline the next one could come too late.
$db = fresh_database();
my $failed = '';
for my $version (map { sprintf('%03d', $_) } 0 .. $n) {
    ($exit, $out, $err) = stele($program, $db, 'up', $version);
    $failed .= "$version: $err" if $exit;
}
is($failed, '', 'each alone, too');

# ------------------------------------------------------- a caller's connection

# Prepared statements and cursors that a migration leaves are dropped on stele's own connection only: the caller
# may have some, too.
my %for_caller = map { $_ => $files{$_} } grep { $files{$_} !~ /PREPARE/ } keys %files;
my $caller = application('caller', migrations(\%for_caller));
my $settings = q{SELECT string_agg(name || '=' || setting, '|' ORDER BY name) FROM pg_settings WHERE name NOT LIKE 'transaction%' AND context IN ('user', 'superuser') AND name NOT LIKE '%.%'};
# What differs between the first and the second list of settings in an output.
sub changed {
    my ($before, $after) = map { {map { split(/=/, $_, 2) } split(/\|/, $_)} } $_[0] =~ /^sql (\S+=.*)$/mg;
    return join(' ', map { "$_: $before->{$_}, then " . ($after->{$_} // 'nothing') } grep { ($after->{$_} // '') ne $before->{$_} } sort keys %{$before});
}
my @mine = ('sql:CREATE SCHEMA IF NOT EXISTS mine', "sql:SET search_path = mine, public", "sql:SET client_encoding = 'LATIN1'", "sql:SET statement_timeout = '59s'",
    "sql:SET DateStyle = 'SQL, DMY'", 'sql:SET ROLE owner', 'sql:CREATE TEMP TABLE kept (x int)', 'sql:INSERT INTO kept VALUES (42)',
    'sql:PREPARE kept AS SELECT 43');
sub called {
    my ($program_path, $database, @steps) = @_;
    my @result = run($program_path, url($database), @steps);
    is($result[0], 0, 'the application runs') or diag(@result[1, 2]);
    return $result[1];
}
$db = fresh_database();
psql($db, "CREATE ROLE owner; GRANT lesser TO owner; GRANT ALL ON DATABASE $db TO owner; GRANT ALL ON SCHEMA public TO owner");

my $orderly = migrations({'001_a.sql' => "SET search_path = public;\nSET my.setting = 'theirs';\nSET client_encoding = 'UTF8';\nCREATE TABLE a (x int);\nDO \$\$ BEGIN RAISE NOTICE 'hello'; END \$\$;\n",
    '002_b.sql' => "SELECT set_config('search_path', '', false);\nCREATE TEMP TABLE t (x int);\nSET ROLE lesser;\nSET statement_timeout = '58s';\n",
    '003_c.sql' => "SET search_path = public;\nCREATE TABLE c (x int);\nCREATE INDEX CONCURRENTLY ON c (x);\nSET ROLE lesser;\n",
    '004_d.sql' => "RESET ALL;\nRESET ROLE;\nSELECT '\xc3\xa9';\n"});
my $orderly_caller = application('caller', $orderly);
$out = called($orderly_caller, $db, @mine, "sql:$settings", 'up', "sql:$settings", 'sql:SELECT x FROM kept', 'sql:SELECT current_user', 'sql:EXECUTE kept', 'check', 'up', 'audit');
is(changed($out), '', 'every setting is as it was');
like($out, qr/\|client_encoding=LATIN1\|.*\|search_path=mine, public\|/, 'and that is its own, not the default');
like($out, qr/^sql 42\nsql owner\nsql 43\n/m, 'its temporary table, role and prepared statement are there');
like($out, qr/^notice NOTICE:  hello\n/m, 'notices go where the application wants them');
unlike($out, qr/^event notice/m, 'and nowhere else');
is(join(' ', $out =~ /^event (.*)$/mg), 'start 001 1/4 applied 001 1/4 start 002 2/4 applied 002 2/4 start 003 3/4 step 003 3/4 step 1/3 step 003 3/4 step 2/3'
    . ' step 003 3/4 step 3/3 applied 003 3/4 start 004 4/4 applied 004 4/4', 'progress is told in order');
like($out, qr/^status 0 applied 4 pending 0 version "004" head r1:\w{3}\n(?s:.*)^status 0 applied 0 pending 0 version "004" head r1:\w{3}\nstatus 0 applied 0 pending 0 version "004" head r1:\w{3}\nstatus 0 /m,
    'the results are filled');
like($out, qr/^transaction 0 pipeline 0 nonblocking 0 encoding LATIN1$/m, 'the connection is given back as it was');
is(psql($db, q{SELECT string_agg(DISTINCT role, ',') FROM stele.ledger}), 'postgres', 'the ledger has the session user');

# All the disorder, on a caller's connection.
$db = fresh_database();
$out = called($caller, $db, "sql:$settings", 'up', "sql:$settings", 'sql:SELECT count(*) FROM pg_class WHERE relnamespace = pg_my_temp_schema()');
like($out, qr/^status 0 applied ${\ scalar keys %for_caller} /m, 'each file finds a session in order there, too') or diag($out =~ s/^sql .{200}\K.*//mgr);
is(changed($out), '', 'and leaves every setting as it was');
ok(pg_dump_schema($db) eq $whole, 'and makes the same schema');

# A failure leaves the connection just as well.
for my $case (
    ['in a transaction', "SET search_path = '';\nSET ROLE lesser;\nSELECT nothing;\n"],
    ['outside one', "SET search_path = '';\nCREATE INDEX CONCURRENTLY ON public.nothing (x);\n"],
    ['in a later step', "SET search_path = '';\nCREATE TABLE public.s (x int);\nCREATE INDEX CONCURRENTLY ON public.s (x);\nSET statement_timeout = '57s';\nSELECT nothing;\n"],
    ['within a COPY', "SET search_path = '';\nCREATE TABLE public.s (x int);\nCOPY public.s FROM stdin;\na\n\\.\n"],
) {
    my ($name, $file) = @{$case};
    my $bad = application('caller', migrations({'001_fine.sql' => "CREATE TABLE fine (x int);\n", '002_bad.sql' => $file}));
    $db = fresh_database();
    psql($db, "GRANT ALL ON DATABASE $db TO owner; GRANT ALL ON SCHEMA public TO owner");
    $out = called($bad, $db, @mine, "sql:$settings", 'up', "sql:$settings", 'sql:SELECT x FROM kept', 'sql:SELECT current_user', 'up');
    like($out, qr{^status 1 applied 1 pending 1 version "001" head r1:\w{3}\nerror 1 \[\w{5}\] \S*/002_bad\.sql:\d+:\d+ .+ \| .+\n}m, "a failure $name: result and error are filled");
    is(changed($out), '', "a failure $name: every setting is as it was");
    like($out, qr/^sql 42\nsql owner\n/m, "a failure $name: so are table and role");
    like($out, qr/^transaction 0 pipeline 0 nonblocking 0 encoding LATIN1$/m, "a failure $name: and the connection");
}

# What can't be taken over.
$db = fresh_database();
$out = called($orderly_caller, $db, 'sql:BEGIN', 'up', 'sql:SELECT 1/0', 'up', 'sql:ROLLBACK', 'up');
like($out, qr/^open 2 the connection that was passed in has a transaction open\nsql failed: .*\nopen 2 the connection that was passed in has a transaction open$/m,
    'a connection with a transaction open is refused, a failed one too');
like($out, qr/^status 0 applied 4 /m, 'and taken when that has ended');
$out = called($orderly_caller, $db, 'pipeline', 'up');
like($out, qr/^open 2 the connection that was passed in is in pipeline or nonblocking mode$/m, 'so is one in pipeline mode');
$out = called($orderly_caller, $db, 'sql:SELECT pg_terminate_backend(pg_backend_pid())', 'up');
like($out, qr/^open 3 the connection that was passed in is not open$/m, 'a dead one is no connection');

# A target, and one that is not there.
$db = fresh_database();
$out = called($orderly_caller, $db, 'check', 'up:002', 'check', 'up:9');
like($out, qr/^status 5 applied 0 pending 4 version "" head $/m, 'check counts what is pending');
like($out, qr/^status 0 applied 2 pending 2 version "002" head r1/m, 'up to a version');
like($out, qr/^status 5 applied 0 pending 2 version "002" head r1/m, 'and counts again');
like($out, qr/^status 2 .*\nerror 2 \[\] :0:0 there is no migration "9" in this program/m, 'a version that is not there is a usage error');

# Twice in one process, on two databases; and twice on the same one.
my ($one, $two) = (fresh_database(), fresh_database());
like(called($orderly_caller, $one, 'threads:' . url($two)), qr/^threads ok ok$/m, 'two threads, two databases');
is(psql($_, 'SELECT max(seq) FROM stele.ledger'), psql($one, 'SELECT max(seq) FROM stele.ledger'), "$_ is up") for $one, $two;
$one = fresh_database();
like(called($orderly_caller, $one, 'threads:' . url($one)), qr/^threads ok ok$/m, 'two threads, one database');
is(psql($one, q{SELECT count(*) FROM stele.ledger WHERE action = 'apply'}), '4', 'each migration once');

done_testing();
