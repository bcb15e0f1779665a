# Several clients write at random, while the triggers are made and after: then what they noted covers exactly the rows whose input is another than it was.

use strict;
use warnings;

use Stele::Test;
use Test::More;

my $seed = $ENV{STELE_SEED} || time();
srand($seed);
note("STELE_SEED=$seed");

my $after = application('after', migrations({'001_a.sql' => "CREATE TABLE nothing ();\n"}));
my $db = fresh_database();
my @spec = ('table=docs', 'key=tenant,id', 'read=title,body', 'into=side', 'vector=embedding', 'hash=input', 'dimensions=3', 'where=NOT gone');

psql($db, <<'SQL');
CREATE EXTENSION vector;
CREATE SCHEMA stele;
CREATE TABLE owner (id int PRIMARY KEY);
INSERT INTO owner SELECT generate_series(1, 20);
CREATE TABLE docs (tenant int NOT NULL, id int NOT NULL, title text, body text, seen int NOT NULL DEFAULT 0, gone boolean NOT NULL DEFAULT false,
    owner int REFERENCES owner ON DELETE CASCADE ON UPDATE CASCADE, PRIMARY KEY (tenant, id)) PARTITION BY LIST (tenant);
CREATE TABLE docs1 PARTITION OF docs FOR VALUES IN (1);
CREATE TABLE docs2 PARTITION OF docs FOR VALUES IN (2);
CREATE TABLE side (tenant int NOT NULL, id int NOT NULL, input bytea NOT NULL, embedding vector(3), PRIMARY KEY (tenant, id));
INSERT INTO docs SELECT i % 2 + 1, i, 't' || i, 'b', 0, i % 7 = 0, i % 20 + 1 FROM generate_series(1, 400) i;
SQL

sub one { return $_[int rand @_] }
sub key { return 1 + int rand 500 }

# A statement; of one that fails, in a savepoint of its own, nothing is left.
sub statement {
    my ($table, $low) = (one('docs', 'docs', 'docs1', 'docs2'), key());
    my $tenant = $table eq 'docs1' ? 1 : $table eq 'docs2' ? 2 : one(1, 2);
    my $range = "id BETWEEN $low AND $low + " . int(rand 12);
    my $text = one("'x" . int(rand 5) . "'", 'NULL', "''", 'title', 'body');
    return one(
        "INSERT INTO $table (tenant, id, title, gone) SELECT $tenant, i, 'n', " . one('true', 'false') . " FROM generate_series($low, $low + " . int(rand 6) . ') i ON CONFLICT DO NOTHING',
        "INSERT INTO $table (tenant, id, title) SELECT $tenant, i, 'u' FROM generate_series($low, $low + " . int(rand 6) . ") i ON CONFLICT (tenant, id) DO UPDATE SET title = excluded.title",
        "UPDATE $table SET title = $text WHERE $range",
        "UPDATE $table SET body = $text, seen = seen + 1 WHERE $range",
        "UPDATE $table SET seen = seen + 1 WHERE $range",
        "UPDATE $table SET gone = NOT gone WHERE $range",
        "UPDATE $table SET id = id + 1000 WHERE $range",
        "UPDATE docs SET tenant = 3 - tenant WHERE $range",
        "DELETE FROM $table WHERE $range",
        "MERGE INTO docs AS d USING (SELECT $tenant AS tenant, i AS id FROM generate_series($low, $low + 5) i) AS v ON (v.tenant, v.id) = (d.tenant, d.id)"
            . " WHEN MATCHED AND d.id % 3 = 0 THEN DELETE WHEN MATCHED AND d.id % 3 = 1 THEN UPDATE SET body = $text WHEN NOT MATCHED THEN INSERT (tenant, id, title) VALUES (v.tenant, v.id, 'm')",
        "WITH gone AS (DELETE FROM $table WHERE $range RETURNING *) INSERT INTO docs (tenant, id, title, body) SELECT 3 - tenant, id, body, title FROM gone ON CONFLICT DO NOTHING",
        'DELETE FROM owner WHERE id = ' . (1 + int rand 20),
        'UPDATE owner SET id = id + 100 WHERE id = ' . (1 + int rand 20),
    );
}

sub session {
    my ($count) = @_;
    my $sql = '';
    for (1 .. $count) {
        $sql .= "BEGIN;\n" . join('', map { 'SAVEPOINT a; ' . statement() . "; RELEASE a;\n" } 1 .. 1 + int rand 4) . one('COMMIT', 'COMMIT', 'COMMIT', 'ROLLBACK') . ";\n";
    }
    return $sql;
}

sub clients {
    my ($clients, $count) = @_;
    return map { start(postgres('psql'), '-XqAt', '-v', 'ON_ERROR_STOP=0', '-v', 'ON_ERROR_ROLLBACK=on', '-d', url($db), '-f', '-', {stdin => session($count)}) } 1 .. $clients;
}

run($after, url($db), @spec, 'enter');
for my $round (1 .. 3) {
    my @early = $round == 1 ? clients(3, 40) : ();
    my ($exit, $out) = run($after, url($db), @spec, 'triggers');
    is($out, "triggers: 0\n", "round $round: the triggers are made") if $round == 1;
    # What is there now, of which whatever is written by a transaction that this one doesn't see is noted.
    psql($db, 'DROP TABLE IF EXISTS before; TRUNCATE stele.dirty') if $round > 1;
    psql($db, 'CREATE TABLE before AS SELECT tenant, id, title, body FROM docs WHERE NOT gone');
    my @late = clients(3, 40);
    finish($_) for @early, @late;
    my $changed = q{SELECT tenant, id FROM ((TABLE before EXCEPT SELECT tenant, id, title, body FROM docs WHERE NOT gone) UNION ALL
        (SELECT tenant, id, title, body FROM docs WHERE NOT gone EXCEPT TABLE before)) AS c GROUP BY tenant, id};
    my $noted = q{SELECT key[1]::int, key[2]::int FROM stele.dirty};
    is(psql($db, "SELECT count(*) FROM ($changed EXCEPT $noted) AS x"), 0, "round $round: each row that was changed was noted");
    cmp_ok(psql($db, "SELECT count(*) FROM ($changed) AS x"), '>', 50, "round $round: of many");
    is(psql($db, 'SELECT count(*) FROM stele.dirty WHERE key IS NULL'), 0, "round $round: nothing was noted because it couldn't be evaluated");
}

# One statement at a time, so that what it changed is known exactly.
my ($wrong, $notes) = (0, 0);
my $sql = '';
for (1 .. 150) {
    my $statement = statement();
    $statement = statement() while $statement =~ /^WITH/; # deletes and inserts, maybe the same
    $sql .= "TRUNCATE before; INSERT INTO before SELECT tenant, id, title, body FROM docs WHERE NOT gone; TRUNCATE stele.dirty;\n$statement;\n"
        . q{SELECT count(*) FILTER (WHERE d.k IS NULL), count(*) FILTER (WHERE c.k IS NULL), count(*) FROM (SELECT DISTINCT ARRAY[tenant, id]::text[] AS k FROM (
        (TABLE before EXCEPT SELECT tenant, id, title, body FROM docs WHERE NOT gone) UNION ALL (SELECT tenant, id, title, body FROM docs WHERE NOT gone EXCEPT TABLE before)) AS c) AS c
        FULL JOIN (SELECT DISTINCT key AS k FROM stele.dirty) AS d ON c.k = d.k;} . "\n";
}
my ($exit, $out, $err) = run(postgres('psql'), '-XqAt', '-d', url($db), '-f', '-', {stdin => $sql});
for (split /\n/, $out) {
    my ($missed, $more, $all) = /^(\d+)\|(\d+)\|(\d+)$/ or next;
    $wrong += $missed > 0 || $more > 0;
    $notes += $all;
}
is($wrong, 0, 'alone, each of 150 statements notes what it changed, and nothing else');
cmp_ok($notes, '>', 100, 'of many rows');
done_testing();
