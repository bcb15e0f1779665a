# Pauses, and what may be wrong with a table or a server: it is told, and the job goes on when it is mended.

use strict;
use warnings;

use Stele::Faults;
use Stele::Jobs;
use Stele::Test;
use Test::More;

my ($place, $stats);

# ------------------------------------------------------------------ a pause

$place = here(3000);
provider()->control(latency => 2000);
my $worker = start($place->{program}, $place->{conninfo}, 'job', 'run');
begun($place);
worker_run($place, 'pause');
is((finish($worker))[0], 5, 'a pause');
$stats = provider()->stats;
my $written = psql($place->{db}, 'SELECT count(*) FROM side');
cmp_ok($written, '<', 3000, '... waits for nothing but the requests that are out');
is($written, $stats->{good_inputs}, '... and what was paid for is written');
provider()->control(latency => 0);
runs($place, '... a run finds it paused', 5);
worker_run($place, 'resume');
runs($place, '... until it is resumed');
compared($place, 3000, '... then all is right');
is(provider()->stats->{repeated}, 16, '... and nothing was paid for twice, but for the verification');

# ------------------------------------------------------------------ tables and servers

sub refused {
    my ($what, $sql, $like, $more) = @_;
    my $kind = job(more => $more);
    $kind->{sql} = $sql;
    my $refused = place($kind);
    runs($refused, $what, 9);
    like($err, $like, '... is refused, and it says why');
    return;
}
refused('a table without a key', "CREATE TABLE doc (id bigint, content text);$side", qr/unique/);
refused('a key that may be NULL', "CREATE TABLE doc (id bigint UNIQUE, content text);$side", qr/NULL/i);
refused('a unique index of some rows only', "CREATE TABLE doc (id bigint NOT NULL, content text); CREATE UNIQUE INDEX ON doc (id) WHERE id > 0;$side", qr/unique/);
refused('a deferrable key of the destination, and an index beside it', "$doc CREATE TABLE side (id bigint PRIMARY KEY DEFERRABLE, input bytea NOT NULL, embedding vector(8)); CREATE UNIQUE INDEX ON side (id);\n",
    qr/the unique constraint "side_pkey" of side is deferrable, and INSERT \.\.\. ON CONFLICT takes none of its columns\n.*hint: drop it: ALTER TABLE side DROP CONSTRAINT "side_pkey"/s);
refused('by blocks of a view', "CREATE TABLE t (id bigint PRIMARY KEY, content text); CREATE VIEW doc AS TABLE t;$side", qr/blocks|view|unique/, "by = 'blocks'");

# Where its own operators aren't in sight, citext is compared as text, and in another order than its index's.
{
    my $kind = job();
    $kind->{sql} = "CREATE SCHEMA away; CREATE EXTENSION citext SCHEMA away; CREATE TABLE doc (id away.citext PRIMARY KEY, content text); CREATE TABLE side (id away.citext PRIMARY KEY, input bytea NOT NULL, embedding vector(8));
        INSERT INTO doc SELECT CASE i % 2 WHEN 0 THEN 'K' ELSE 'k' END || i, 'text ' || i FROM generate_series(1, ROWS) AS i;\n";
    my $hidden = place($kind, rows => 300);
    runs($hidden, 'a key whose operators the search_path has not', 9);
    like($err, qr/the key's column "id" of doc .*put the schema of the type away\.citext into search_path/s, '... is refused, and it says why');
    psql($hidden->{db}, "ALTER DATABASE $hidden->{db} SET search_path = public, away");
    runs($hidden, '... with its schema there it runs');
    compared($hidden, 300, '... and all is right');
}

$place = here(100);
psql('postgres', "ALTER DATABASE $place->{db} SET default_transaction_read_only = on");
($exit, $out, $err) = worker_run($place, 'run');
isnt($exit, 0, 'a server that takes no writes');
like($err, qr/^sessions begin read-only here \(default_transaction_read_only = on, of the database\)/, '... is told, with whose setting it is');
like($err, qr/^hint: ALTER ROLE .*SET default_transaction_read_only = off.*keep writers away/m, '... and how to have it write');
is(psql($place->{db}, "SELECT to_regclass('stele.job') IS NULL"), 't', '... before anything is begun');
psql('postgres', "ALTER DATABASE $place->{db} RESET default_transaction_read_only");
runs($place, '... and it runs when it does');
compared($place, 100, '... to its end');

# ------------------------------------------------------------------ what the database refuses for good

my $trap = "CREATE FUNCTION trap() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM 1 FROM gone; RETURN new; END'; CREATE TRIGGER trap BEFORE UPDATE ON doc FOR EACH ROW WHEN (new.id = 700) EXECUTE FUNCTION trap()";
for my $case (['a read', 'SELECT', "where = '1000 / (id - 700) IS NOT NULL'", qr/division by zero[^\[]* \[22012\]/, 'DELETE FROM doc WHERE id = 700'], ['a write', $trap, undef, qr/a write failed: relation "gone" does not exist \[42P01\]/, 'DROP TRIGGER trap ON doc']) {
    my ($what, $harms, $more, $like, $mends) = @{$case};
    my $broken = place(job(more => $more, map => 'function(row) return { content = row.content .. "." } end'), rows => 1000, pace => 'write_rows = 100');
    psql($broken->{db}, $harms);
    ($exit, $out, $err) = run($broken->{program}, $broken->{conninfo}, 'job', 'run');
    is($exit, 5, "$what that fails for good pauses the job") or diag($err . $out);
    like($err, qr/the job "job" is paused: $like$/m, '... and it is said why');
    like(psql($broken->{db}, 'SELECT desired, reason FROM stele.job'), qr/^pause\|$like$/, '... there as well');
    psql($broken->{db}, $mends);
    worker_run($broken, 'resume');
    runs($broken, '... resumed when the cause is gone, it goes on');
    is(psql($broken->{db}, "SELECT count(*) FROM doc WHERE content NOT LIKE '%.' OR content LIKE '%..'"), '0', '... and each row is done once');
}

# A text that isn't UTF-8, where the server takes any bytes: which rows it is among is told.
{
    psql('postgres', q{CREATE DATABASE bytes ENCODING 'SQL_ASCII' TEMPLATE template0 LOCALE 'C'});
    my $bytes = {%{place(job(more => "by = 'key'"), rows => 10)}, db => 'bytes', conninfo => url('bytes')};
    psql('bytes', "CREATE EXTENSION vector; $side CREATE TABLE doc (id bigint PRIMARY KEY, content text); INSERT INTO doc SELECT i, 'text ' || i FROM generate_series(1, 3000) AS i; UPDATE doc SET content = E'caf\\xe9 latin' WHERE id = 2500; ANALYZE");
    is((run($bytes->{program}, url('bytes'), 'up'))[0], 0, 'a database of SQL_ASCII');
    runs($bytes, 'a row in it that is not UTF-8', 5);
    my ($from, $to) = $out =~ /^reason=invalid byte sequence .*, in rows of doc behind (\d+)(?: up to (\d+))? \[22021\]$/m;
    ok(defined $from && $from < 2500 && 2500 <= ($to // 3000), '... is told with the rows that it is among') or diag($out);
    psql('bytes', 'DELETE FROM doc WHERE id = 2500');
    worker_run($bytes, 'resume');
    runs($bytes, '... without it the job goes on');
    compared($bytes, 2999, '... and all is right');
}

# ------------------------------------------------------------------ somebody else's rules

{
    $place = here(300, pace => 'write_rows = 100');
    psql($place->{db}, q{CREATE ROLE ruled LOGIN; ALTER TABLE doc OWNER TO ruled; ALTER TABLE side OWNER TO ruled; ALTER SCHEMA stele OWNER TO ruled; GRANT ALL ON ALL TABLES IN SCHEMA stele TO ruled;
        GRANT CREATE ON SCHEMA public TO ruled; ALTER TABLE side ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; CREATE POLICY whoever ON side USING (true) WITH CHECK (true);
        ALTER TABLE side ADD CHECK (id NOT IN (8, 150, 250))});
    $place->{conninfo} = url($place->{db}, 'ruled');
    runs($place, 'a side table with row security, into which nothing is copied');
    compared($place, 297, '... is inserted into');
    is((worker_run($place, 'dead'))[1] =~ s/\|[^|\n]*$//mgr, "dead 8|write|23514\ndead 150|write|23514\ndead 250|write|23514\n", '... but for rows that a constraint refuses');
}

# A worker that is frozen in its COPY is ended by the others. Whoever else copies into the table, with the same words even, is waited for.
{
    $place = here(300, pace => 'lease = "2s"');
    my $db = $place->{db};
    open(my $copy, '|-', 'sh', '-c', 'PGAPPNAME=importer exec "$@" >/dev/null 2>&1', 'sh', postgres('psql'), '-Xq', '-d', url($db), '-c', 'COPY side ("id", "input", "embedding") FROM STDIN (FORMAT binary)')
        or die "psql: $!\n";
    print {$copy} "PGCOPY\n\377\r\n\0", pack('N N', 0, 0), map { pack('s> l> q> l> a1 l>', 3, 8, $_, 1, "\0", -1) } 1 .. 5000;
    $copy->flush;
    my $its = "datname = '$db' AND application_name = 'importer'";
    ok(wait_for('postgres', "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE $its AND backend_xid IS NOT NULL AND wait_event = 'ClientRead')"), 'an application copies into the side table, and takes its time');
    my $waits = start($place->{program}, $place->{conninfo}, 'job', 'run');
    ok(wait_for('postgres', "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = '$db' AND application_name LIKE 'stele%' AND wait_event_type = 'Lock')"), '... the job waits for it');
    ok(wait_for('postgres', "SELECT coalesce(bool_or(query_start < clock_timestamp() - interval '6 s'), true) FROM pg_stat_activity WHERE $its"), '... for longer than its lease');
    is(psql('postgres', "SELECT count(*) FROM pg_stat_activity WHERE $its AND state = 'active'"), 1, '... and lets it live');
    psql('postgres', "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE $its");
    local $SIG{PIPE} = 'IGNORE';
    close($copy);
    is((finish($waits))[0], 0, '... until it is gone');
    compared($place, 300, '... then all is right');
}

done_testing();
