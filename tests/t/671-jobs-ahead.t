# What is read ahead on a second connection, while the first one writes, is as good as what is read late: whatever happens to rows, chunk and connection in between.

use strict;
use warnings;

use Stele::Jobs;
use Stele::Session;
use Stele::Test;
use Test::More;

# Behind row 600, reading waits for who holds this lock.
my $gate = "CREATE FUNCTION gate(i bigint) RETURNS bool LANGUAGE plpgsql AS \$\$BEGIN\n"
    . "    IF i > 600 THEN PERFORM pg_advisory_lock_shared(671); PERFORM pg_advisory_unlock_shared(671); END IF;\n    RETURN true;\nEND\$\$;\n";
my $local = kind('local');
my $gated = kind('local', name => 'gated', sql => $gate . $local->{sql}, lua => $local->{lua} =~ s/key = 'id'/key = 'id', where = 'gate(id)'/r);
my $workers = "pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'stele%'";

# A place, its job begun with a write that waits, and what comes next read ahead: the place and the worker. This process's own session holds the table, until it commits, and the gate.
sub held {
    my ($kind) = @_;
    my $place = place($kind, rows => 1500);
    ask($place->{db}, 'SELECT pg_advisory_lock(671); BEGIN; LOCK TABLE side IN SHARE MODE');
    my $crew = crew($place, 1);
    ok(wait_for($place->{db}, "SELECT count(*) > 0 FROM $workers AND state = 'idle' AND query LIKE 'SELECT s.%' AND EXISTS (SELECT FROM $workers AND wait_event_type = 'Lock' AND query LIKE 'COPY%')"),
        "$kind->{name}: rows are read while a write waits");
    return ($place, $crew);
}

# Until a page is on its way that doesn't come; the server process that reads it.
sub stands_at_gate {
    my ($place) = @_;
    ok(wait_for($place->{db}, "SELECT count(*) = 1 FROM $workers AND wait_event = 'advisory'"), '... and a page stands at the gate');
    return psql($place->{db}, "SELECT pid FROM $workers AND wait_event = 'advisory'");
}

sub ends_well {
    my ($place, $crew, $what) = @_;
    is_deeply([finished($crew), right($place)], [], $what);
    return;
}

my ($place, $crew) = held($local);
psql($place->{db}, "UPDATE doc SET content = 'changed ' || id WHERE id BETWEEN 250 AND 450; DELETE FROM doc WHERE id BETWEEN 460 AND 480; UPDATE doc SET id = id + 1000000 WHERE id IN (299, 490)");
ask($place->{db}, 'COMMIT');
ends_well($place, $crew, '... what is changed, deleted and moved between reading and writing is done again');

($place, $crew) = held($gated);
ask($place->{db}, 'COMMIT');
stands_at_gate($place);
psql($place->{db}, 'UPDATE stele.chunk SET epoch = epoch + 1, state = 0, lease_until = NULL WHERE state = 1');
ask($place->{db}, 'SELECT pg_advisory_unlock(671)');
ends_well($place, $crew, '... of a chunk that is lost meanwhile it is dropped, and read anew');
is(psql($place->{db}, 'SELECT max(epoch) >= 3 FROM stele.chunk WHERE kind = 0'), 't', '... by who takes that chunk again');

($place, $crew) = held($gated);
ask($place->{db}, 'COMMIT');
my $second = stands_at_gate($place);
psql($place->{db}, "SELECT pg_terminate_backend($second)");
ok(wait_for($place->{db}, "SELECT count(*) = 1 FROM $workers AND wait_event = 'advisory' AND pid <> $second"), '... without the second connection it is read on the first');
ok(wait_for($place->{db}, "SELECT count(*) = 1 FROM $workers"), '... which is the only one');
ask($place->{db}, 'SELECT pg_advisory_unlock(671)');
ends_well($place, $crew, '... and all of it is done');

# Whoever joins a load that began with an empty table finds rows there, which are no reason to look for each of its own, and to write in a slower way.
my $noted = kind('local', name => 'noted', sql => $gated->{sql} . "CREATE TABLE hows (how text, pid int);\n"
        . "CREATE FUNCTION note_how() RETURNS trigger LANGUAGE plpgsql AS \$\$BEGIN INSERT INTO hows VALUES (left(current_query(), 4), pg_backend_pid()); RETURN NULL; END\$\$;\n"
        . "CREATE TRIGGER note_how AFTER INSERT ON side FOR EACH STATEMENT EXECUTE FUNCTION note_how();\n", lua => $gated->{lua} =~ s/lease = "2s"/lease = "60s"/r);
$place = place($noted, rows => 3000);
ask($place->{db}, 'SELECT pg_advisory_lock(671)');
$crew = crew($place, 1);
ok(wait_for($place->{db}, 'SELECT count(*) > 0 FROM side'), 'a worker has written');
my $late = crew($place, 1);
ok(wait_for($place->{db}, 'SELECT count(DISTINCT worker) = 2 FROM stele.chunk WHERE state = 1'), '... when another one joins');
ask($place->{db}, 'SELECT pg_advisory_unlock(671)');
is_deeply([finished($crew), finished($late), right($place)], [], '... they finish it');
is(psql($place->{db}, 'SELECT string_agg(DISTINCT how, \' \'), count(DISTINCT pid) FROM hows'), 'COPY|2', '... and both have copied');

# Who may have one connection, and no more.
psql('postgres', "CREATE ROLE narrow LOGIN CONNECTION LIMIT 1; GRANT postgres TO narrow");
$place = place($local, rows => 1500);
$place->{conninfo} = url($place->{db}, 'narrow');
ends_well($place, crew($place, 1), 'a role that may have one connection needs no other');
like(read_file(server() . '/log'), qr/too many connections for role "narrow"/, '... and was refused it');

# Where nothing is read ahead, too, a write is as large as it may be: what the last one took from a page isn't counted once more. It grows to 450 rows in five steps, and the chunk's last ones are what is left.
my $sized = kind('local', name => 'sized', sql => $local->{sql} . "CREATE TABLE sizes (size bigint);\n"
        . "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS \$\$BEGIN INSERT INTO sizes SELECT count(*) FROM new; RETURN NULL; END\$\$;\n"
        . "CREATE TRIGGER note AFTER INSERT ON side REFERENCING NEW TABLE AS new FOR EACH STATEMENT EXECUTE FUNCTION note();\n",
    lua => $local->{lua} =~ s/chunk = \d+, write_rows = \d+, write = "\d+ms"/chunk = 10000, write_rows = 450, write = "10s"/r);
$place = place($sized, rows => 9000);
$place->{conninfo} = url($place->{db}, 'narrow');
ends_well($place, crew($place, 1), 'many rows in one chunk are done');
my ($full, $small) = split(/\|/, psql($place->{db}, 'SELECT count(*) FILTER (WHERE size = 450), count(*) FILTER (WHERE size < 450) FROM sizes'));
cmp_ok($full, '>', 2 * $small, "... in writes of 450 rows: $full, and $small smaller ones");

done_testing();
