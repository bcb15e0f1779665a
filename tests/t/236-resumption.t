#!/usr/bin/perl
# A statement outside a transaction is cut off at a moment that matters: its client is killed, and its backend goes on, or is
# terminated. The next up finds out what became of it, goes on from there, and leaves what an undisturbed one does; or says that it
# can't be known, and runs nothing.

use strict;
use warnings;

use Stele::Offline;
use JSON::PP;
use Stele::Test;
use Test::More;
use Time::HiRes qw(sleep time);

my ($exit, $out, $err);

# The ledger in words, from a row on.
sub story { return psql($_[0], 'SELECT string_agg(action || coalesce(step::text, \'\'), \' \' ORDER BY seq) FROM stele.ledger WHERE version = \'002\' AND seq > ' . ($_[1] // 0)) }

# Invalid indexes, and partitions that are half detached.
sub leftovers { return psql($_[0], q{SELECT coalesce(string_agg(relname, ' ' ORDER BY relname), '') FROM pg_index JOIN pg_class ON oid = indexrelid WHERE NOT indisvalid}) . psql($_[0], q{SELECT coalesce(string_agg(' ' || inhrelid::regclass, ''), '') FROM pg_inherits WHERE inhdetachpending}) }

# Run a command while another session has done something in a transaction, until the statement waits for that; kill the client.
# The backend is terminated, or goes on once the other session has ended.
sub cut_off {
    my ($program, $database, $case, @command) = @_;
    my $like = "query LIKE '$case->{like}%' AND pid <> pg_backend_pid()";
    write_file(my $script = temporary(), "BEGIN;\n$case->{block};\nSELECT 'blocks';\n\\! sleep 600\n");
    my $other = start(postgres('psql'), '-Xq', '-d', url($database), '-f', $script, {env => {PGAPPNAME => 'other'}});
    wait_for($database, q{SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'other' AND state = 'idle in transaction' AND query = 'SELECT ''blocks'';')}) or die "$case->{name}: nobody blocks\n";
    my $client = start($program, @command, '--db', url($database));
    my $state = defined $case->{state} ? "AND ($case->{state})" : '';
    ok(wait_for($database, "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE $like AND wait_event_type = 'Lock') $state"), "$case->{name}: the statement waits");
    kill('KILL', $client->{pid});
    is((finish($client))[0], 137, "$case->{name}: the client is killed");
    psql($database, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE $like") if !$case->{finishes};
    wait_for($database, "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE $like)") or die "$case->{name}: it stays\n" if !$case->{finishes};
    psql($database, q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'other'});
    kill('KILL', -$other->{pid});
    finish($other);
    ok(wait_for($database, "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE $like)"), "$case->{name}: its backend is gone");
    return;
}

my $long = 'i' x 63;
my $table = '"S ""q"""."t"';
my $base = "CREATE SCHEMA \"S \"\"q\"\"\";\nCREATE TABLE $table (x int, note text);\nCREATE INDEX \"$long\" ON $table (x);\nCREATE INDEX j ON $table (note);\n"
    . "CREATE TABLE t (x int, note text);\nCREATE INDEX j ON t (x);\nCREATE TABLE parted (x int) PARTITION BY LIST (x);\n"
    . "CREATE TABLE one PARTITION OF parted FOR VALUES IN (1);\nCREATE TABLE two PARTITION OF parted FOR VALUES IN (2);\nCREATE INDEX px ON parted (x);\n"
    . "INSERT INTO $table SELECT n, repeat(n::text, 9) FROM generate_series(1, 20) AS n;\n";
psql('postgres', 'CREATE ROLE resumer');
$base .= "GRANT ALL ON SCHEMA \"S \"\"q\"\"\", public TO resumer;\nALTER TABLE $table OWNER TO resumer;\n";
my $sets = "SET search_path = \"S \"\"q\"\"\", public;\nSET ROLE resumer;\nSELECT pg_catalog.set_config('default_tablespace', 'pg_default', false);\n"
    . "CREATE INDEX CONCURRENTLY k ON t (x);\nCREATE TABLE later (x int);\n";
my $writes = "INSERT INTO $table VALUES (1)";
my $reads = "SELECT * FROM $table";

# `leaves` is what lies around after the cut; `story` what the ledger says in the end.
my @cases = (
    {name => 'an index build that left an invalid one', file => "CREATE INDEX CONCURRENTLY \"I\"\"x\" ON $table (x);\n", block => $writes,
        like => 'CREATE INDEX', state => 'SELECT count(*) = 1 FROM pg_index WHERE NOT indisvalid', leaves => 'I"x', story => 'begin1 begin1 step1 apply'},
    {name => 'an index build that had not begun', file => "CREATE INDEX CONCURRENTLY k ON $table (x);\n", block => "LOCK TABLE $table",
        like => 'CREATE INDEX', leaves => '', story => 'begin1 begin1 step1 apply'},
    {name => 'an index build that was finished', file => "CREATE INDEX CONCURRENTLY k ON $table (x);\nCREATE TABLE later ();\n", block => $writes, finishes => 1,
        like => 'CREATE INDEX', leaves => '', story => 'begin1 step1 step2 apply'},
    {name => 'an index of the name in another schema', file => "CREATE INDEX CONCURRENTLY \"$long\" ON t (x);\n", block => 'INSERT INTO t VALUES (1)',
        like => 'CREATE INDEX', leaves => $long, story => 'begin1 begin1 step1 apply'},
    {name => 'an index without a name, not made', file => "CREATE INDEX CONCURRENTLY ON $table (x);\n", block => "LOCK TABLE $table",
        like => 'CREATE INDEX', leaves => '', story => 'begin1 begin1 step1 apply'},
    {name => 'an index in a schema that a parameter names', file => "CREATE INDEX CONCURRENTLY k ON \${where}.t (x);\n", block => $writes,
        options => ['-D', 'where=S "q"'], like => 'CREATE INDEX', state => 'SELECT count(*) = 1 FROM pg_index WHERE NOT indisvalid', leaves => 'k', story => 'begin1 begin1 step1 apply'},

    {name => 'an index by a search_path and a role that an earlier step has set', file => $sets, block => $writes, before => 'step1 begin2',
        like => 'CREATE INDEX', state => 'SELECT count(*) = 1 FROM pg_index WHERE NOT indisvalid', leaves => 'k', story => 'step1 begin2 begin2 step2 step3 apply'},

    {name => 'a drop that made its index invalid', file => "DROP INDEX CONCURRENTLY \"S \"\"q\"\"\".j;\n", block => $reads,
        like => 'DROP INDEX', state => 'SELECT count(*) = 1 FROM pg_index WHERE NOT indisvalid', leaves => 'j', story => 'begin1 begin1 step1 apply'},
    {name => 'a drop that was finished', file => "DROP INDEX CONCURRENTLY \"S \"\"q\"\"\".j;\n", block => $reads, finishes => 1,
        like => 'DROP INDEX', leaves => '', story => 'begin1 step1 apply'},

    {name => 'a reindex that left what it built', file => "REINDEX INDEX CONCURRENTLY \"S \"\"q\"\"\".\"$long\";\n", block => $writes,
        like => 'REINDEX', state => 'SELECT count(*) = 1 FROM pg_index WHERE NOT indisvalid', leaves => substr($long, 0, 57) . '_ccnew', story => 'begin1 begin1 step1 apply'},
    {name => 'a reindex that left what it replaced', file => "REINDEX INDEX CONCURRENTLY \"S \"\"q\"\"\".\"$long\";\n", block => $reads,
        like => 'REINDEX', state => q{SELECT count(*) = 1 FROM pg_index JOIN pg_class ON oid = indexrelid WHERE NOT indisvalid AND relname ~ '_ccold'}, leaves => substr($long, 0, 57) . '_ccold', story => 'begin1 begin1 step1 apply'},
    {name => 'a reindex of a table, with what keeps its long values', file => "REINDEX TABLE CONCURRENTLY $table;\n", block => $writes,
        like => 'REINDEX', state => 'SELECT count(*) = 3 FROM pg_index WHERE NOT indisvalid', leaves => qr/^i{57}_ccnew j_ccnew pg_toast_\d+_index_ccnew$/, story => 'begin1 begin1 step1 apply'},
    {name => 'a reindex of a table, with what it replaced', file => "REINDEX TABLE CONCURRENTLY $table;\n", block => $reads,
        like => 'REINDEX', state => q{SELECT count(*) = 3 FROM pg_index JOIN pg_class ON oid = indexrelid WHERE NOT indisvalid AND relname ~ '_ccold'}, leaves => qr/^i{57}_ccold j_ccold pg_toast_\d+_index_ccold$/, story => 'begin1 begin1 step1 apply'},
    {name => 'a reindex of a schema', file => "REINDEX SCHEMA CONCURRENTLY \"S \"\"q\"\"\";\n", block => $writes,
        like => 'REINDEX', state => 'SELECT count(*) = 3 FROM pg_index WHERE NOT indisvalid', leaves => qr/^i{57}_ccnew j_ccnew pg_toast_\d+_index_ccnew$/, story => 'begin1 begin1 step1 apply'},
    {name => 'a reindex of a partitioned index', file => "REINDEX INDEX CONCURRENTLY px;\n", block => 'INSERT INTO parted VALUES (1), (2)',
        like => 'REINDEX', state => 'SELECT count(*) > 0 FROM pg_index WHERE NOT indisvalid', leaves => qr/^one_x_idx_ccnew( two_x_idx_ccnew)?$/, story => 'begin1 begin1 step1 apply'},

    {name => 'a partition that is half detached', file => "ALTER TABLE parted DETACH PARTITION one CONCURRENTLY;\n", block => 'SELECT * FROM parted',
        like => 'ALTER TABLE', state => 'SELECT count(*) = 1 FROM pg_inherits WHERE inhdetachpending', leaves => ' one', story => 'begin1 begin1 step1 apply'},
    {name => 'a partition that was detached', file => "ALTER TABLE parted DETACH PARTITION one CONCURRENTLY;\n", block => 'SELECT * FROM parted', finishes => 1,
        like => 'ALTER TABLE', leaves => '', story => 'begin1 step1 apply'},
    {name => 'a partition that was not detached', file => "ALTER TABLE parted DETACH PARTITION one CONCURRENTLY;\n", block => 'LOCK TABLE parted',
        like => 'ALTER TABLE', leaves => '', story => 'begin1 begin1 step1 apply'},

    {name => 'VACUUM', file => "VACUUM (ANALYZE) $table;\n", block => "LOCK TABLE $table", like => 'VACUUM', leaves => '', story => 'begin1 begin1 step1 apply'},
    {name => 'a DO that may be run twice', file => "-- stele: no-transaction\n-- stele: idempotent\nDO \$\$ BEGIN COMMIT; LOCK TABLE t; END \$\$;\n", block => 'LOCK TABLE t', like => 'DO', leaves => '', story => 'begin1 begin1 step1 apply'},
    {name => 'CLUSTER', file => "-- stele: no-transaction\nCLUSTER $table USING \"$long\";\n", block => "LOCK TABLE $table", like => 'CLUSTER', leaves => '', story => 'begin1 begin1 step1 apply'},
);

for my $case (@cases) {
    my @options = @{$case->{options} // []};
    my $program = program(migrations({'stele.conf' => "parameter where identifier run 'x'\n", '001_base.sql' => $base, '002_alone.sql' => $case->{file}}));
    my ($db, $undisturbed) = (fresh_database(), fresh_database());
    is((stele($program, $undisturbed, 'up', @options))[0], 0, "$case->{name}: undisturbed");
    stele($program, $db, 'up', '001', @options);
    cut_off($program, $db, $case, 'up', @options);
    ref $case->{leaves} ? like(leftovers($db), $case->{leaves}, "$case->{name}: what is left") : is(leftovers($db), $case->{leaves}, "$case->{name}: what is left");
    is(story($db), $case->{before} // 'begin1', "$case->{name}: it is announced, and nothing is told of its end");
    ($exit, $out, $err) = stele($program, $db, 'up', @options);
    is("$exit$err", '0', "$case->{name}: the next up goes on") or diag($out);
    is(leftovers($db), '', "$case->{name}: nothing is left over");
    is(pg_dump_schema($db), pg_dump_schema($undisturbed), "$case->{name}: the schema is that of an undisturbed up");
    is(story($db), $case->{story}, "$case->{name}: the ledger tells the story");
    is((stele($program, $db, 'audit', @options))[0], 0, "$case->{name}: the audit agrees");
}

# ------------------------------------------------------------ what is of the whole server

my @global = (
    {name => 'a database that was made', file => "CREATE DATABASE made;\n", like => 'CREATE DATABASE', lock => 'pg_database', finishes => 1, story => 'begin1 step1 apply', there => 'pg_database WHERE datname = \'made\'', count => 1},
    {name => 'a database that was dropped', file => "DROP DATABASE made;\n", like => 'DROP DATABASE', lock => 'pg_database', finishes => 1, story => 'begin1 step1 apply', there => 'pg_database WHERE datname = \'made\'', count => 0},
    {name => 'a database that was not made', file => "CREATE DATABASE made;\n", like => 'CREATE DATABASE', lock => 'pg_database', story => 'begin1 begin1 step1 apply', there => 'pg_database WHERE datname = \'made\'', count => 1},
    {name => 'a database that was not dropped', file => "DROP DATABASE made;\n", like => 'DROP DATABASE', lock => 'pg_database', story => 'begin1 begin1 step1 apply', there => 'pg_database WHERE datname = \'made\'', count => 0},
    {name => 'a tablespace that was made', file => "CREATE TABLESPACE made LOCATION '';\n", like => 'CREATE TABLESPACE', lock => 'pg_tablespace', finishes => 1, story => 'begin1 step1 apply', there => 'pg_tablespace WHERE spcname = \'made\'', count => 1},
    {name => 'a tablespace that was not dropped', file => "DROP TABLESPACE made;\n", like => 'DROP TABLESPACE', lock => 'pg_tablespace', story => 'begin1 begin1 step1 apply', there => 'pg_tablespace WHERE spcname = \'made\'', count => 0},
);
for my $case (@global) {
    my $program = program(migrations({'002_alone.sql' => $case->{file}}));
    my $db = fresh_database();
    psql($db, "ALTER DATABASE $db SET allow_in_place_tablespaces = on");
    cut_off($program, $db, {%{$case}, block => "LOCK TABLE $case->{lock} IN SHARE MODE"}, 'up');
    ($exit, $out, $err) = stele($program, $db, 'up');
    is("$exit$err", '0', "$case->{name}: the next up goes on") or diag($out);
    is(story($db), $case->{story}, "$case->{name}: the ledger tells the story");
    is(psql($db, "SELECT count(*) FROM $case->{there}"), $case->{count}, "$case->{name}: it is as it should be");
}

# ----------------------------------------------------------------------- what nobody knows

my $hint = qr{^hint: look whether it did; when it did: repair done main/002 --step 1 --reason TEXT; when it didn't, so that up runs it again: repair retry main/002 --step 1 --reason TEXT$}m;
my %unknown = (
    CALL => "CALL work();\nCREATE TABLE later ();\n",
    DO => "-- stele: no-transaction\n\n  DO \$\$ BEGIN INSERT INTO done VALUES (1); COMMIT; LOCK TABLE t; END \$\$;\nCREATE TABLE later ();\n",
    unparsed => "-- stele: no-transaction\n-- stele: unparsed\nCALL work();\nCREATE TABLE later ();\n",
);
for my $name (sort keys %unknown) {
    my $program = program(migrations({'001_base.sql' => "CREATE TABLE t (x int);\nCREATE TABLE done (x int);\n"
        . "CREATE PROCEDURE work() LANGUAGE plpgsql AS \$\$ BEGIN INSERT INTO done VALUES (1); COMMIT; LOCK TABLE t; END \$\$;\n", '002_alone.sql' => $unknown{$name}}));
    for my $way ('done', 'retry') {
        my $case = {name => "$name, $way", block => 'LOCK TABLE t', like => $name eq 'DO' ? 'DO' : 'CALL'};
        my $db = fresh_database();
        stele($program, $db, 'up', '001');
        is((stele($program, $db, 'repair', 'retry', '002', '--reason', 'x'))[0], 2, "$case->{name}: what was not begun is not in doubt");
        cut_off($program, $db, $case, 'up');
        for my $try (1, 2) {
            ($exit, $out, $err) = stele($program, $db, 'up');
            is($exit, 1, "$case->{name}: up stops, try $try");
            like($err, qr{002_alone\.sql:\d+:\d+: error: this statement was begun before, and nothing tells whether it took effect\n +\d+ \| +(?:CALL work\(\)|DO .*);\n}, 'at the statement, which it shows');
            like($err, qr{step 1 of 2; it was begun at \d{4}-\d\d-\d\d \S+Z by postgres, from host \S+, application "\S+" \(row 2 of the ledger\)}, 'it says when and by whom that was');
            like($err, $hint, 'and the two ways on');
            is(psql($db, 'SELECT count(*) FROM done'), 1, 'nothing was run twice');
            is(story($db), 'begin1', 'and nothing is written, so that it stays in doubt');
        }
        like((stele($program, $db, 'plan'))[1], qr{^  step 1 was begun before.*\n +repair done main/002 --step 1 .*\n +repair retry main/002 --step 1 .*\n  step 1, outside}m, 'plan says so before');
        my ($planned) = map { decode_json($_) } (stele($program, $db, 'plan', '--json'))[1] =~ /^(.*"event":"migration".*)$/m;
        ok($planned->{undecided} && $planned->{first_step} == 1, 'as JSON, too');
        is((stele($program, $db, 'repair', $way, '002', '--step', 2, '--reason', 'looked'))[0], 2, "$case->{name}: another step isn't the one");
        ($exit, $out, $err) = stele($program, $db, 'repair', $way, '002', '--step', 1, '--reason', 'I looked');
        is("$exit$err", '0', "$case->{name}: the ledger is told") or diag($out);
        like($out, $way eq 'done' ? qr/^step 1 002_alone\.sql: step 1 of 2 counts as done; it is not run$/m : qr/^fail 1 002_alone\.sql: step 1 of 2 took no effect; up runs it again$/m, 'and shows it');
        is((stele($program, $db, 'repair', 'retry', '002', '--reason', 'x'))[0], 2, "$case->{name}: that is no doubt any more");
        my $plan = (stele($program, $db, 'plan'))[1];
        unlike($plan, qr/was begun before/, 'and plan has none');
        is(scalar($plan =~ /^  step 1 is in$/m), $way eq 'done' ? 1 : '', 'it says what is in');
        my @json = map { decode_json($_) } split(/\n/, (stele($program, $db, 'plan', '--json'))[1]);
        is(join(' ', map { $_->{step} } grep { $_->{event} eq 'statement' } @json), $way eq 'done' ? '2' : '1 2', 'and lists what is to run');
        is($json[0]{first_step} . ($json[0]{undecided} ? '?' : ''), $way eq 'done' ? 2 : 1, 'from the step that JSON names');
        ($exit, $out, $err) = stele($program, $db, 'up');
        is("$exit$err", '0', "$case->{name}: up goes on") or diag($out);
        is(story($db), $way eq 'done' ? 'begin1 step1 step2 apply' : 'begin1 fail1 begin1 step1 step2 apply', 'the ledger tells the story');
        is(psql($db, q{SELECT string_agg(reason, ',') FROM stele.ledger WHERE action <> 'begin' AND reason IS NOT NULL}), 'I looked', 'with the reason');
        is(psql($db, 'SELECT count(*) FROM done'), $way eq 'done' ? 1 : 2, 'it was run once more when that was said');
        is((stele($program, $db, 'audit'))[0], 0, "$case->{name}: the audit agrees");
    }
}

# An index without a name of which something is left: which index it is, nothing tells.
{
    my $program = program(migrations({'001_base.sql' => $base, '002_alone.sql' => "CREATE INDEX CONCURRENTLY ON t (note);\n"}));
    my $db = fresh_database();
    stele($program, $db, 'up', '001');
    cut_off($program, $db, {name => 'an index without a name', block => 'INSERT INTO t VALUES (1)', like => 'CREATE INDEX', state => 'SELECT count(*) = 1 FROM pg_index WHERE NOT indisvalid'}, 'up');
    ($exit, $out, $err) = stele($program, $db, 'up');
    is($exit, 1, 'an index without a name that was made: up stops');
    like($err, $hint, 'and asks');
    is(leftovers($db), 't_note_idx', 'nothing is dropped');
    psql($db, 'DROP INDEX t_note_idx');
    ($exit, $out, $err) = stele($program, $db, 'up');
    is("$exit$err", '0', 'once it is dropped, there is no doubt');
}

# An invalid index that was there before, by the name of one that was to be built: it is nobody's to drop.
{
    my $program = program(migrations({'001_base.sql' => $base, '002_alone.sql' => "CREATE INDEX CONCURRENTLY IF NOT EXISTS k ON t (note);\n"}));
    my $db = fresh_database();
    stele($program, $db, 'up', '001');
    psql($db, q{CREATE INDEX k ON t (note); UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'k'::regclass});
    cut_off($program, $db, {name => 'an older invalid index', block => 'LOCK TABLE t', like => 'CREATE INDEX'}, 'up');
    ($exit, $out, $err) = stele($program, $db, 'up');
    is($exit, 1, 'an older invalid index of the name: the step fails');
    like($err, qr/index "k" was there already, and is invalid\n.*drop it: DROP INDEX CONCURRENTLY public\.k$/ms, 'and says what to do');
    is(leftovers($db), 'k', 'it is left alone');
}

# A name that search_path finds elsewhere once the first is gone: the drop is not run on the other.
{
    my $program = program(migrations({'002_alone.sql' => "DROP INDEX CONCURRENTLY i;\n"}));
    my $db = fresh_database();
    psql($db, "CREATE SCHEMA first; CREATE TABLE first.t (x int); CREATE INDEX i ON first.t (x); CREATE TABLE t (x int); CREATE INDEX i ON t (x); ALTER DATABASE $db SET search_path = first, public");
    cut_off($program, $db, {name => 'a drop of the first of two', block => 'SELECT * FROM first.t', like => 'DROP INDEX', finishes => 1}, 'up');
    ($exit, $out, $err) = stele($program, $db, 'up');
    is($exit, 1, 'a drop of the first of two: up stops');
    like($err, $hint, 'and asks');
    is(psql($db, q{SELECT to_regclass('public.i') IS NOT NULL AND to_regclass('first.i') IS NULL}), 't', 'the second stays');
}

# ------------------------------------------------------------------- the way back, also by the ledger's script

for my $ledger (0, 1) {
    for my $case (
        {name => 'a drop', down => "DROP INDEX CONCURRENTLY \"i \"\"x\";\nCREATE TABLE later ();\n", block => 'SELECT * FROM t', like => 'DROP INDEX', finishes => 1, story => 'down-begin1 down-step1 down-step2 revert'},
        {name => 'a build', down => "CREATE INDEX CONCURRENTLY k ON t (x);\nCREATE TABLE later ();\n", block => 'INSERT INTO t VALUES (1)', like => 'CREATE INDEX', state => 'SELECT count(*) = 1 FROM pg_index WHERE NOT indisvalid', story => 'down-begin1 down-begin1 down-step1 down-step2 revert'},
        {name => 'a detachment', down => "ALTER TABLE p DETACH PARTITION \"P 1\" CONCURRENTLY;\nCREATE TABLE later ();\n", block => 'SELECT * FROM p', like => 'ALTER TABLE', state => 'SELECT count(*) = 1 FROM pg_inherits WHERE inhdetachpending', story => 'down-begin1 down-begin1 down-step1 down-step2 revert'},
        {name => 'a call', down => "CALL work();\nCREATE TABLE later ();\n", block => 'LOCK TABLE t', like => 'CALL', repair => 'done', story => 'down-begin1 down-step1 down-step2 revert'},
        {name => 'a call again', down => "CALL work();\nCREATE TABLE later ();\n", block => 'LOCK TABLE t', like => 'CALL', repair => 'retry', story => 'down-begin1 down-fail1 down-begin1 down-step1 down-step2 revert'},
    ) {
        my %files = ('001_base.sql' => "CREATE TABLE t (x int);\nCREATE INDEX \"i \"\"x\" ON t (x);\nCREATE TABLE p (x int) PARTITION BY LIST (x);\nCREATE TABLE \"P 1\" PARTITION OF p FOR VALUES IN (1);\n"
            . "CREATE PROCEDURE work() LANGUAGE plpgsql AS \$\$ BEGIN COMMIT; LOCK TABLE t; END \$\$;\n");
        my $older = program(migrations({%files}));
        my $program = program(migrations({%files, '002_alone.sql' => "SELECT 1;\n-- stele: down\n$case->{down}"}));
        my ($db, $undisturbed) = (fresh_database(), fresh_database());
        my $name = "$case->{name} on the way back" . ($ledger ? ', from the ledger' : '');
        my ($back, @down) = $ledger ? ($older, 'down', '001', '--from-ledger', '--allow-destructive') : ($program, 'down', '--allow-destructive');
        stele($program, $_, 'up') for $db, $undisturbed;
        is((stele($back, $undisturbed, @down))[0], 0, "$name: undisturbed");
        my $before = psql($db, 'SELECT seq FROM stele.anchor');
        cut_off($back, $db, {%{$case}, name => $name}, @down);
        if ($case->{repair}) {
            ($exit, $out, $err) = stele($back, $db, @down);
            is($exit, 1, "$name: down stops");
            like($err, qr/when it didn't, so that down runs it again: repair retry/, 'and asks');
            is(story($db, $before), 'down-begin1', 'it stays in doubt');
            ($exit, $out, $err) = stele($back, $db, 'repair', $case->{repair}, '002', '--step', 1, '--reason', 'I looked');
            is("$exit$err", '0', "$name: the ledger is told") or diag($out);
        }
        ($exit, $out, $err) = stele($back, $db, @down);
        is("$exit$err", '0', "$name: the next down goes on") or diag($out);
        is(story($db, $before), $case->{story}, "$name: the ledger tells the story");
        is(leftovers($db), '', "$name: nothing is left over");
        is(pg_dump_schema($db), pg_dump_schema($undisturbed), "$name: the schema is that of an undisturbed down");
        is((stele($back, $db, 'audit'))[0], (stele($back, $undisturbed, 'audit'))[0], "$name: the audit agrees");
    }
}

# --------------------------------------------------------------------------- by a script

for my $case (
    {name => 'a build', file => "CREATE INDEX CONCURRENTLY k ON t (x);\n", block => 'INSERT INTO t VALUES (1)', like => 'CREATE INDEX', state => 'SELECT count(*) = 1 FROM pg_index WHERE NOT indisvalid', story => 'begin1 begin1 step1 step2 apply'},
    {name => 'a build that was finished', file => "CREATE INDEX CONCURRENTLY k ON t (x);\n", block => 'INSERT INTO t VALUES (1)', like => 'CREATE INDEX', finishes => 1, story => 'begin1 step1 step2 apply'},
    {name => 'a build under what was set', file => $sets =~ s/CREATE TABLE later.*//sr, block => $writes, like => 'CREATE INDEX', state => 'SELECT count(*) = 1 FROM pg_index WHERE NOT indisvalid', story => 'step1 begin2 begin2 step2 step3 apply'},
    {name => 'a reindex', file => "REINDEX TABLE CONCURRENTLY t;\n", block => 'INSERT INTO t VALUES (1)', like => 'REINDEX', state => 'SELECT count(*) > 1 FROM pg_index WHERE NOT indisvalid', story => 'begin1 begin1 step1 step2 apply'},
    {name => 'a detachment', file => "ALTER TABLE parted DETACH PARTITION one CONCURRENTLY;\n", block => 'SELECT * FROM parted', like => 'ALTER TABLE', state => 'SELECT count(*) = 1 FROM pg_inherits WHERE inhdetachpending', story => 'begin1 begin1 step1 step2 apply'},
    {name => 'a call', file => "CALL work();\n", block => 'LOCK TABLE t', like => 'CALL', story => 'begin1', stops => 1},
) {
    my $program = program(migrations({'001_base.sql' => "${base}CREATE PROCEDURE work() LANGUAGE plpgsql AS \$\$ BEGIN COMMIT; LOCK TABLE t; END \$\$;\n",
        '002_alone.sql' => "$case->{file}CREATE TABLE later ();\n"}));
    my ($db, $undisturbed) = (fresh_database(), fresh_database());
    my $name = "$case->{name}, by a script";
    stele($program, $undisturbed, 'up');
    stele($program, $db, 'up', '001');
    cut_off($program, $db, {%{$case}, name => $name}, 'up');
    ($exit, $out, $err) = run_script($db, online($program, $db));
    if ($case->{stops}) {
        isnt($exit, 0, "$name: it stops");
        like($err, qr/stele: step 1 of "002_alone\.sql": this statement was begun before.*\n.*DETAIL: +step 1 of 2; it was begun at .*\n.*HINT: +look whether it did;.*repair retry main\/002 --step 1/, 'and asks');
    } else {
        is("$exit$err", '0', "$name: it goes on") or diag($out);
        is(leftovers($db), '', "$name: nothing is left over");
        is(pg_dump_schema($db), pg_dump_schema($undisturbed), "$name: the schema is that of an undisturbed up");
    }
    is(story($db), $case->{story}, "$name: the ledger tells the story");
    is((stele($program, $db, 'audit'))[0], 0, "$name: the audit agrees");
}

# A CALL that fails, or is interrupted, after it has committed: it isn't run again by itself. One that has committed nothing is.
{
    my $work = "CREATE TABLE t (x int);\nCREATE PROCEDURE work(fail int) LANGUAGE plpgsql AS \$\$ BEGIN FOR i IN 1..5 LOOP INSERT INTO t VALUES (i); COMMIT;"
        . " IF i = fail THEN PERFORM 1/0; END IF; END LOOP; IF fail = 0 THEN PERFORM 1/0; END IF; IF fail > 5 THEN PERFORM pg_sleep(300); END IF; END \$\$;\n";
    my $ask = qr/error: this statement was begun before, and nothing tells whether it took effect/;
    for my $case (['CALL work(2)', 2, 1], ['DO $$ BEGIN CALL work(3); END $$', 3, 1], ['CALL work(6)', 5, 1], ['CALL nobody()', 0, 0], ['DO $$ BEGIN PERFORM 1/0; END $$', 0, 0]) {
        my ($call, $rows, $asks) = @{$case};
        my $program = program(migrations({'001_w.sql' => $work, '002_c.sql' => "-- stele: no-transaction\n$call;\n"}));
        my $db = fresh_database();
        my $up = start($program, 'up', '--db', url($db));
        if ($call =~ /6/) {
            ok(wait_for($db, q{SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()}), "$call: it is at work");
            kill('INT', $up->{pid});
        }
        ($exit, $out, $err) = finish($up);
        is($exit, $call =~ /6/ ? 130 : 1, "$call: it fails");
        like($err, qr/"002_c\.sql" may have committed before that, and what it has committed stays\nhint: .*repair retry main\/002 --step 1/, "$call: and says that it may have committed") if $asks;
        unlike($err, qr/may have committed/, "$call: nothing is said of commits") unless $asks;
        ($exit, $out, $err) = stele($program, $db, 'up');
        is($exit, 1, "$call: the next up");
        $asks ? like($err, $ask, "$call: asks") : unlike($err, $ask, "$call: runs it again");
        is(psql($db, 'SELECT count(*) FROM t'), $rows, "$call: nothing is done twice");
    }
}

done_testing();
