#!/usr/bin/perl
# Ownership and privileges are asked for before the first statement. What is refused, the server would have
# refused, too: each statement below is tried by the same role with psql. What the plan itself makes or changes, and
# what stands behind a DO, is not refused.

use strict;
use warnings;

use JSON::PP;
use Stele::Test;
use Test::More;

my ($exit, $out, $err);
my $db = fresh_database();
my $version = psql($db, 'SHOW server_version_num');

# The world of a role that owns little.
psql($db, <<'SQL');
CREATE ROLE landlord;
CREATE ROLE tenant LOGIN;
CREATE ROLE club;
CREATE ROLE stranger;
GRANT club TO tenant;
GRANT CREATE ON DATABASE postgres TO tenant;
CREATE SCHEMA closed AUTHORIZATION landlord;
CREATE SCHEMA theirs AUTHORIZATION landlord;
GRANT USAGE ON SCHEMA theirs TO tenant;
CREATE SCHEMA shared AUTHORIZATION landlord;
GRANT USAGE, CREATE ON SCHEMA shared TO tenant;
CREATE SCHEMA own AUTHORIZATION tenant;
CREATE SCHEMA clubs AUTHORIZATION club;
SET ROLE landlord;
CREATE TABLE closed.hidden (x int);
CREATE TABLE theirs.house (x int PRIMARY KEY, y int, z text);
CREATE TABLE theirs.garden (x int PRIMARY KEY);
GRANT ALL ON theirs.garden TO tenant;
CREATE TABLE theirs.shed (x int PRIMARY KEY, y int);
GRANT SELECT (x), INSERT (x), UPDATE (x), REFERENCES (x) ON theirs.shed TO tenant;
CREATE TABLE theirs.parts (x int) PARTITION BY LIST (x);
CREATE TABLE theirs.part1 PARTITION OF theirs.parts FOR VALUES IN (1);
CREATE VIEW theirs.window AS SELECT x FROM theirs.house;
CREATE MATERIALIZED VIEW theirs.picture AS SELECT x FROM theirs.garden;
CREATE SEQUENCE theirs.steps;
CREATE INDEX house_y ON theirs.house (y);
CREATE TYPE theirs.mood AS ENUM ('good', 'bad');
CREATE DOMAIN theirs.positive AS int CHECK (value > 0);
CREATE FUNCTION theirs.ring() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION theirs.knock(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION theirs.knock(text) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION theirs.bell() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER tr BEFORE INSERT ON theirs.house FOR EACH ROW EXECUTE FUNCTION theirs.bell();
CREATE POLICY po ON theirs.house USING (true);
RESET ROLE;
CREATE TABLE public.square (x int);
CREATE EXTENSION pg_trgm;
SET ROLE tenant;
CREATE TABLE own.room (x int PRIMARY KEY, y int);
CREATE TABLE own.parts (x int) PARTITION BY LIST (x);
CREATE TABLE own.part1 PARTITION OF own.parts FOR VALUES IN (1);
CREATE VIEW own.look AS SELECT x FROM own.room;
CREATE TABLE shared.guest (x int);
RESET ROLE;
CREATE TABLE own.lodger (x int);
ALTER TABLE own.lodger OWNER TO landlord;
CREATE TABLE clubs.bar (x int, y int);
ALTER TABLE clubs.bar OWNER TO club;
CREATE TABLE own.left (x int);
ALTER TABLE own.left OWNER TO tenant;
SQL
psql($db, "GRANT CONNECT ON DATABASE $db TO tenant; REVOKE CREATE ON DATABASE $db FROM tenant");

# [what is missing, or undef, statement]: where it is "-", the server refuses what nobody looks for.
my @cases = (
    ['ownership of table theirs.house', 'ALTER TABLE theirs.house ADD COLUMN a int'],
    ['ownership of table theirs.house', 'ALTER TABLE IF EXISTS theirs.house DROP COLUMN y'],
    [undef, 'ALTER TABLE IF EXISTS theirs.nothing DROP COLUMN y, ADD FOREIGN KEY (x) REFERENCES theirs.house'],
    ['ownership of table theirs.garden', 'ALTER TABLE theirs.garden RENAME TO park'],
    ['ownership of table theirs.house', 'ALTER TABLE theirs.house RENAME COLUMN y TO yy'],
    ['USAGE on schema closed', 'ALTER TABLE closed.hidden ADD COLUMN a int'],
    ['USAGE on schema closed', 'SELECT x FROM closed.hidden'],
    ['ownership of table theirs.house', 'CREATE INDEX ON theirs.house (y)'],
    ['ownership of table theirs.house', 'DROP INDEX theirs.house_y'],
    ['ownership of table theirs.house', 'ALTER INDEX theirs.house_y RENAME TO house_yy'],
    ['ownership of view theirs."window"', 'CREATE OR REPLACE VIEW theirs.window AS SELECT 1 AS x'],
    ['ownership of view theirs."window"', 'ALTER VIEW theirs.window RENAME TO door'],
    ['ownership of table theirs.house', 'DROP TABLE theirs.house'],
    [undef, 'DROP TABLE IF EXISTS theirs.nothing'],
    [undef, 'DROP TABLE own.lodger'],
    ['ownership of table own.lodger', 'ALTER TABLE own.lodger ADD COLUMN a int'],
    ['-', 'DROP TRIGGER tr ON theirs.house'],
    [undef, 'DROP TRIGGER IF EXISTS nothing ON theirs.house'],
    ['-', 'DROP POLICY po ON theirs.house'],
    ['-', 'CREATE POLICY pp ON theirs.house USING (true)'],
    ['ownership of table theirs.house', 'CREATE RULE ru AS ON INSERT TO theirs.house DO NOTHING'],
    ['-', 'ALTER TABLE theirs.house ENABLE ROW LEVEL SECURITY'],
    ['-', 'ALTER POLICY po ON theirs.house RENAME TO pp'],
    ['ownership of table theirs.house', 'ALTER TRIGGER tr ON theirs.house RENAME TO t2'],
    ['TRIGGER on table theirs.house', 'CREATE TRIGGER t2 BEFORE INSERT ON theirs.house FOR EACH ROW EXECUTE FUNCTION theirs.bell()'],
    [undef, 'CREATE TRIGGER t2 BEFORE INSERT ON theirs.garden FOR EACH ROW EXECUTE FUNCTION theirs.bell()'],
    ['ownership of table theirs.house', q{COMMENT ON TABLE theirs.house IS 'x'}],
    ['ownership of table theirs.house', q{COMMENT ON COLUMN theirs.house.y IS 'x'}],
    ['ownership of type theirs.mood', q{COMMENT ON TYPE theirs.mood IS 'x'}],
    ['ownership of extension pg_trgm', q{COMMENT ON EXTENSION pg_trgm IS 'x'}],
    ['SELECT on table theirs.house', 'SELECT x FROM theirs.house'],
    ['SELECT on table theirs.house', 'INSERT INTO own.room (x) SELECT h.x FROM theirs.house h'],
    ['SELECT on table theirs.house', 'UPDATE own.room SET y = 1 FROM theirs.house h WHERE h.x = room.x'],
    ['SELECT on table theirs.house', 'WITH w AS (SELECT x FROM theirs.house) SELECT * FROM w'],
    ['SELECT on table theirs.house', 'CREATE TABLE own.copy AS SELECT x FROM theirs.house'],
    [undef, 'CREATE TABLE own.copy AS SELECT x FROM theirs.house WITH NO DATA'],
    [undef, 'CREATE TABLE IF NOT EXISTS own.room AS SELECT x FROM theirs.house'],
    [undef, 'CREATE VIEW own.peep AS SELECT x FROM theirs.house'],
    ['SELECT on view theirs."window"', 'SELECT x FROM theirs.window'],
    [undef, 'SELECT x FROM theirs.shed'],
    ['-', 'SELECT y FROM theirs.shed'],
    [undef, 'INSERT INTO theirs.shed (x) VALUES (7)'],
    [undef, 'UPDATE theirs.shed SET x = 8'],
    ['DELETE on table theirs.shed', 'DELETE FROM theirs.shed'],
    ['INSERT on table theirs.house', 'INSERT INTO theirs.house (x) VALUES (1)'],
    ['UPDATE on table theirs.house', 'UPDATE theirs.house SET y = 1'],
    ['DELETE on table theirs.house', 'DELETE FROM theirs.house'],
    ['TRUNCATE on table theirs.house', 'TRUNCATE theirs.house'],
    [undef, 'TRUNCATE theirs.garden'],
    ['REFERENCES on table theirs.house', 'CREATE TABLE own.b (x int REFERENCES theirs.house)'],
    [undef, 'CREATE TABLE own.b (x int REFERENCES theirs.garden)'],
    [undef, 'CREATE TABLE own.b (x int REFERENCES theirs.shed)'],
    [undef, 'CREATE TABLE IF NOT EXISTS own.room (x int REFERENCES theirs.house)'],
    ['REFERENCES on table theirs.house', 'ALTER TABLE own.room ADD FOREIGN KEY (y) REFERENCES theirs.house'],
    [undef, 'ALTER TABLE own.room ADD COLUMN IF NOT EXISTS y int REFERENCES theirs.house'],
    ['SELECT on table theirs.house', 'CREATE TABLE own.b (LIKE theirs.house)'],
    ['CREATE on schema theirs', 'CREATE TABLE theirs.b (x int)'],
    ['CREATE on schema theirs', 'CREATE TABLE IF NOT EXISTS theirs.house (x int)'],
    ['CREATE on schema theirs', 'CREATE FUNCTION theirs.f() RETURNS int LANGUAGE sql AS $$SELECT 1$$'],
    ['CREATE on schema theirs', q{CREATE TYPE theirs.t AS ENUM ('a')}],
    ['CREATE on schema theirs', 'CREATE SEQUENCE theirs.s'],
    ['CREATE on schema theirs', 'ALTER TABLE own.room SET SCHEMA theirs'],
    [undef, 'ALTER TABLE own.room SET SCHEMA shared'],
    ['CREATE on schema public', 'CREATE TABLE b (x int)'],
    [undef, 'CREATE TABLE shared.b (x int)'],
    [undef, 'CREATE TEMPORARY TABLE b (x int)'],
    [undef, 'CREATE INDEX ON shared.guest (x)'],
    ['ownership of type theirs.mood', q{ALTER TYPE theirs.mood RENAME VALUE 'bad' TO 'worse'}],
    ['ownership of type theirs.mood', 'ALTER TYPE theirs.mood RENAME TO moods'],
    ['ownership of type theirs.mood', 'DROP TYPE theirs.mood'],
    ['ownership of type theirs.positive', 'ALTER DOMAIN theirs.positive SET NOT NULL'],
    ['ownership of function theirs.ring()', 'DROP FUNCTION theirs.ring()'],
    ['ownership of function theirs.ring()', 'ALTER FUNCTION theirs.ring() STABLE'],
    [undef, 'DROP FUNCTION IF EXISTS theirs.ring(int)'],
    ['-', 'DROP FUNCTION theirs.knock(int)'],
    ['ownership of sequence theirs.steps', 'ALTER SEQUENCE theirs.steps RESTART'],
    ['ownership of schema theirs', 'DROP SCHEMA theirs'],
    ['ownership of schema theirs', 'ALTER SCHEMA theirs RENAME TO ours'],
    ['CREATE on database ', 'CREATE SCHEMA attic'],
    ['CREATE on database ', 'CREATE SCHEMA IF NOT EXISTS own'],
    ['CREATE on database ', 'CREATE EXTENSION pgcrypto'],
    [undef, 'CREATE EXTENSION IF NOT EXISTS pg_trgm'],
    ['ownership of extension pg_trgm', 'DROP EXTENSION pg_trgm'],
    ['membership in role stranger', 'ALTER TABLE own.room OWNER TO stranger'],
    [undef, 'ALTER TABLE clubs.bar ADD COLUMN a int'],
    [undef, 'DROP TABLE clubs.bar'],
    ['ownership of table theirs.parts', 'CREATE TABLE own.p2 PARTITION OF theirs.parts FOR VALUES IN (2)'],
    ['ownership of table theirs.parts', 'ALTER TABLE theirs.parts ATTACH PARTITION own.left FOR VALUES IN (3)'],
    ['ownership of table own.lodger', 'ALTER TABLE own.parts ATTACH PARTITION own.lodger FOR VALUES IN (3)'],
    [undef, 'ALTER TABLE own.parts DETACH PARTITION own.part1'],
    ['ownership of table theirs.house', 'ALTER TABLE own.left INHERIT theirs.house'],
    [$version < 170000 ? 'ownership of materialized view theirs.picture' : 'MAINTAIN on materialized view theirs.picture', 'REFRESH MATERIALIZED VIEW theirs.picture'],
    [$version < 170000 ? 'ownership of table theirs.house' : 'MAINTAIN on table theirs.house', 'REINDEX TABLE theirs.house'],
    [$version < 170000 ? 'ownership of table theirs.house' : 'MAINTAIN on table theirs.house', 'REINDEX INDEX theirs.house_y'],
    [$version < 170000 ? 'ownership of table theirs.garden' : undef, 'REINDEX TABLE theirs.garden'],
    ['membership in role pg_read_server_files', q{COPY own.room FROM '/dev/null'}],
    [undef, 'LOCK TABLE own.room'],
    [undef, 'GRANT SELECT ON own.room TO stranger'],
    ['-', 'GRANT SELECT ON theirs.house TO stranger'],
    ['-', 'MERGE INTO theirs.house h USING own.room r ON h.x = r.x WHEN MATCHED THEN DELETE'],
    ['-', 'CREATE CAST (theirs.mood AS int) WITH INOUT'],
    [undef, 'ALTER TABLE own.room ADD COLUMN s serial'],
    ['CREATE on schema theirs', 'ALTER TABLE theirs.house2 ADD COLUMN s serial'],
    ['CREATE on schema theirs', 'ALTER TABLE theirs.house2 ADD COLUMN s int GENERATED ALWAYS AS IDENTITY'],
    ['CREATE on schema theirs', 'ALTER TABLE theirs.house2 ADD PRIMARY KEY (x)'],
    ['CREATE on schema theirs', 'ALTER TABLE theirs.house2 ADD UNIQUE (x)'],
    ['CREATE on schema theirs', 'ALTER TABLE theirs.house2 ADD COLUMN u int UNIQUE'],
    [undef, 'ALTER TABLE theirs.house2 ADD COLUMN u int CHECK (u > 0) DEFAULT 5'],
    [undef, 'ALTER TABLE theirs.house2 ADD FOREIGN KEY (x) REFERENCES theirs.garden'],
    ['CREATE on schema theirs', 'CREATE INDEX ON theirs.house2 (x)'],
    ['CREATE on schema theirs', 'ALTER TABLE theirs.house2 RENAME TO house3'],
    [undef, 'ALTER TABLE theirs.house2 RENAME COLUMN x TO y'],
    [undef, 'DROP TABLE theirs.house2'],
    ['CREATE on schema theirs', 'CREATE OR REPLACE VIEW theirs.view2 AS SELECT 1 AS x'],
    ['CREATE on schema theirs', 'CREATE OR REPLACE FUNCTION theirs.f2() RETURNS int LANGUAGE sql AS $$SELECT 2$$'],
    [undef, 'ALTER FUNCTION theirs.f2() STABLE'],
    ['CREATE on schema theirs', 'ALTER FUNCTION theirs.f2() RENAME TO f3'],
    [undef, 'ALTER TYPE theirs.t2 RENAME TO t3'],
    [undef, q{ALTER TYPE theirs.t2 ADD VALUE 'b'}],
    [undef, 'DROP FUNCTION theirs.f2(), own.f4(int)'],
    ['ownership of schema theirs', 'ALTER SCHEMA theirs OWNER TO club'],
    ['CREATE on database ', 'ALTER SCHEMA own RENAME TO mine'],
    ['ownership of function theirs.ring()', 'ALTER FUNCTION theirs.ring() OWNER TO club'],
    ['ownership of type theirs.mood', 'ALTER TYPE theirs.mood OWNER TO club'],
    [undef, 'ALTER TABLE own.room OWNER TO CURRENT_USER'],
    ['ownership of table theirs.garden', 'CREATE TABLE own.c () INHERITS (theirs.garden)'],
    [undef, 'ALTER TABLE own.heir NO INHERIT theirs.shed'],
    [undef, 'ALTER TABLE own.parts DETACH PARTITION theirs.part9'],
    [undef, 'CREATE TABLE own.c (LIKE theirs.pair)'],
    ['ownership of type theirs.pair', 'ALTER TYPE theirs.pair ADD ATTRIBUTE z int'],
    ['ownership of type theirs.pair', 'DROP TYPE theirs.pair'],
    [undef, 'DROP TYPE own.type9'],
    ['ownership of type own.type9', q{ALTER TYPE own.type9 ADD VALUE 'b'}],
    ['ownership of materialized view theirs.picture', 'DROP MATERIALIZED VIEW theirs.picture'],
    ['ownership of sequence theirs.steps', 'DROP SEQUENCE theirs.steps'],
    ['SELECT on table theirs.house', 'COPY (SELECT x FROM theirs.house) TO stdout'],
    ['SELECT on table theirs.house', 'SELECT x INTO own.c FROM theirs.house'],
    ['DELETE on table theirs.shed', 'WITH gone AS (DELETE FROM theirs.shed RETURNING x) SELECT * FROM gone'],
    [undef, 'WITH house AS (SELECT 1 AS x) SELECT * FROM house'],
    [undef, 'CREATE FUNCTION own.peep() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM theirs.house; END'],
    [undef, 'CREATE RULE ru AS ON INSERT TO own.room DO ALSO DELETE FROM theirs.house'],
    [undef, 'PREPARE p AS SELECT x FROM theirs.house'],
    [undef, 'VACUUM theirs.house'],
    [undef, 'ANALYZE theirs.house'],
    [undef, 'SELECT count(*) FROM pg_class, information_schema.tables'],
    ['-', 'ALTER TABLE own.room OWNER TO club'],
);
# A table of the role's own in a schema where it may not make things.
psql($db, q{CREATE TABLE theirs.house2 (x int NOT NULL); ALTER TABLE theirs.house2 OWNER TO tenant; CREATE VIEW theirs.view2 AS SELECT 1 AS x; ALTER VIEW theirs.view2 OWNER TO tenant;
    CREATE FUNCTION theirs.f2() RETURNS int LANGUAGE sql AS 'SELECT 1'; ALTER FUNCTION theirs.f2() OWNER TO tenant; CREATE TYPE theirs.t2 AS ENUM ('a');
    ALTER TYPE theirs.t2 OWNER TO tenant; CREATE TABLE own.heir () INHERITS (theirs.shed); ALTER TABLE own.heir OWNER TO tenant; CREATE TABLE theirs.part9 PARTITION OF own.parts FOR VALUES IN (9);
    ALTER TABLE theirs.part9 OWNER TO landlord; CREATE TYPE theirs.pair AS (x int, y int); ALTER TYPE theirs.pair OWNER TO landlord;
    CREATE TYPE own.type9 AS ENUM ('a'); ALTER TYPE own.type9 OWNER TO landlord; SET ROLE tenant; CREATE FUNCTION own.f4(int) RETURNS int LANGUAGE sql AS 'SELECT 1'});

my %files = map { sprintf('%03d_c.sql', $_ + 1) => "$cases[$_][1];\n" } 0 .. $#cases;
my $each = application('rights', migrations({%files}), '-Wno-absent');

# As that role: by file, the status and what is missing.
sub each_as {
    my ($role) = @_;
    my ($exit, $out, $err) = run($each, url($db, $role));
    die "exit $exit\n$out$err" if $exit;
    my %found = map { $_ => {lacks => [], unknown => []} } keys %files;
    for (split(/\n/, $out)) {
        my ($file, $word, $rest) = /^(\S+) (\S+) ?(.*)$/ or die "$_\n";
        $word =~ /^\d+$/ ? $found{$file}{status} = $word : push @{$found{$file}{$word}}, $rest;
    }
    return %found;
}

# What the server says to each of them, as that role.
sub tried_as {
    my ($role) = @_;
    my ($exit, $out, $err) = run(postgres('psql'), '-XqAt', '-d', url($db, $role), '-f', '-',
        {stdin => join('', map { "BEGIN;\n$files{$_}\\echo is $_ :SQLSTATE\nROLLBACK;\n" } sort keys %files)});
    return map { /^is (\S+) (\S+)$/ ? ($1 => $2) : () } split(/\n/, $out);
}

my %found = each_as('tenant');
my %state = tried_as('tenant');
my %super = each_as('postgres');
for my $i (0 .. $#cases) {
    my ($missing, $sql) = @{$cases[$i]};
    my $file = sprintf('%03d_c.sql', $i + 1);
    my @lacks = @{$found{$file}{lacks}};
    is($super{$file}{status}, 0, "a superuser may: $sql");
    if (!defined $missing || $missing eq '-') {
        is("$found{$file}{status} @lacks", '0 ', "not refused: $sql");
        defined $missing ? is($state{$file}, '42501', '... though the server refuses it') : isnt($state{$file}, '42501', '... nor by the server');
        next;
    }
    $missing .= $db if $missing =~ /database $/;
    is($found{$file}{status}, 9, "refused: $sql");
    ok(scalar(grep { $_ eq $missing } @lacks), "... $missing") or diag(join("\n", @lacks));
    is($state{$file}, '42501', '... as it is by the server');
}


# --------------------------------------------------- what can't be told, and isn't refused

# The plan of these files, one statement a string: what the tenant lacks, and what can't be told; and whether up goes through.
sub plan_of {
    my ($files, @options) = @_;
    my $program = program(migrations($files), '-Wno-absent', @options);
    my ($exit, $out, $err) = run($program, 'plan', '--json', '--db', url($db, 'tenant'));
    my @rights = grep { $_->{event} eq 'right' } map { decode_json($_) } split(/\n/, $out);
    return ($exit, join('; ', map { $_->{what} } grep { $_->{missing} } @rights),
        join('; ', map { "$_->{file}:$_->{line} $_->{what}" } grep { !$_->{missing} && !$_->{now} } @rights), $err . $out, $program);
}

for my $case (
    ['what the plan makes is the role\'s own', '', '',
        'CREATE TABLE own.a (x int)', 'ALTER TABLE own.a ADD COLUMN y int; INSERT INTO own.a VALUES (1); DROP TABLE own.a'],
    ['also where something else has its name', '', '',
        'CREATE TABLE own.house (x int)', 'SET search_path = own; ALTER TABLE own.house ADD COLUMN y int'],
    ['or is found behind it', '', '', 'CREATE TEMPORARY TABLE square (x int); DELETE FROM square; DROP TABLE square'],
    ['what stands behind a DO', '', '001_a.sql:1 DO', 'DO $$ BEGIN EXECUTE $x$SELECT 1$x$; END $$', 'ALTER TABLE theirs.house ADD COLUMN y int'],
    ['but not before it', 'DELETE on table theirs.house', '002_a.sql:1 CALL', 'DELETE FROM theirs.house', 'CALL own.proc()'],
    ['behind a function of somebody\'s', '', '001_a.sql:1 SELECT', 'SELECT own.grow()', 'DELETE FROM theirs.house'],
    ['behind GRANT of a role', '', '001_a.sql:1 GRANT', 'GRANT landlord TO tenant', 'DELETE FROM theirs.house'],
    ['behind GRANT on a schema', '', '001_a.sql:1 GRANT', 'GRANT ALL ON SCHEMA theirs TO tenant', 'CREATE TABLE theirs.a (x int)'],
    ['behind GRANT on all tables', '', '001_a.sql:1 GRANT', 'GRANT ALL ON ALL TABLES IN SCHEMA theirs TO tenant', 'DELETE FROM theirs.house'],
    ['of a table that is granted', 'UPDATE on table theirs.parts', '002_a.sql:1 house',
        'GRANT DELETE ON theirs.house TO tenant', 'DELETE FROM theirs.house', 'UPDATE theirs.parts SET x = 1'],
    ['that gets another owner', 'ownership of table theirs.house', '002_a.sql:1 house', 'ALTER TABLE theirs.house OWNER TO tenant', 'TRUNCATE theirs.house'],
    ['that is renamed', 'ownership of table theirs.house; CREATE on schema theirs', '002_a.sql:1 house',
        'ALTER TABLE theirs.house RENAME TO hut', 'DELETE FROM theirs.hut; DELETE FROM theirs.house'],
    ['that is dropped and made again', 'ownership of table theirs.house; CREATE on schema theirs', '',
        'DROP TABLE IF EXISTS theirs.house', 'CREATE TABLE theirs.house (x int)', 'DELETE FROM theirs.house'],
    ['as another role', '', '001_a.sql:1 SET; 002_a.sql:1 RESET', 'SET ROLE club; DELETE FROM theirs.house', 'RESET ROLE; DELETE FROM theirs.house'],
    ['with another search_path', 'DELETE on table theirs.house', '001_a.sql:2 DELETE',
        "SET search_path = theirs;\nDELETE FROM house; DELETE FROM theirs.house; RESET search_path; SELECT x FROM theirs.garden"],
    ['that a new schema may be before', '', '003_a.sql:1 CREATE', 'SELECT 1', "ALTER TABLE own.room ADD COLUMN u int", 'CREATE SCHEMA IF NOT EXISTS tenant; CREATE TABLE b (x int)', {create => 1}],
    ['of an extension that is not trusted', '', '001_a.sql:1 file_fdw', 'CREATE EXTENSION file_fdw'],
    ['of what nobody looks into', '', '001_a.sql:1 CREATE PUBLICATION', 'CREATE PUBLICATION p FOR TABLE own.room'],
) {
    my ($title, $lacks, $untold, @sql) = @{$case};
    my %option = ref $sql[-1] ? %{pop @sql} : ();
    psql($db, "GRANT CREATE ON DATABASE $db TO tenant") if $option{create};
    my $i = 0;
    my ($exit, $missing, $unknown, $said) = plan_of({map { sprintf('%03d_a.sql', ++$i) => "$_;\n" } @sql});
    is($missing, $lacks, "$title: missing") or diag($said);
    is($unknown, $untold, "$title: can't be checked") or diag($said);
    is($exit, $lacks eq '' ? 0 : 9, "$title: exit code") or diag($said);
    psql($db, "REVOKE CREATE ON DATABASE $db FROM tenant");
}
my ($status, $missing, $unknown, $said) = plan_of({'001_a.sql' => 'ALTER TABLE ${place}.house ADD COLUMN y int; DELETE FROM theirs.house;', 'stele.conf' => "parameter place identifier build theirs\n"});
is($unknown, '001_a.sql:1 ALTER TABLE', 'a parameter in a name: nobody knows it yet') or diag($said);
is($missing, 'DELETE on table theirs.house', '... the rest is known');

# ------------------------------------------------------------------- what is said, and done

my %both = (
    '001_a.sql' => "CREATE TABLE own.first (x int);\n-- stele: down\nDROP TABLE own.first;\n",
    '002_b.sql' => "SELECT 1;\nALTER TABLE own.first ADD COLUMN y int;\n  DELETE FROM theirs.house WHERE x = 1; UPDATE theirs.house SET y = 2 WHERE x = 1;\nDO \$\$ BEGIN END \$\$;\n"
        . "DELETE FROM theirs.parts WHERE x = 1;\nDO \$\$ BEGIN END \$\$;\n-- stele: down\nTRUNCATE theirs.house;\n",
);
my $both = program(migrations(\%both));
psql($db, 'CREATE SCHEMA stele AUTHORIZATION tenant');
($exit, $out, $err) = run($both, 'up', '--db', url($db, 'tenant'));
is($exit, 9, 'up is refused') or diag($err);
like($err, qr{\A\S*/002_b\.sql:3:3: error: role "tenant" lacks DELETE on table theirs\.house, which belongs to "landlord"
 +3 \|   DELETE FROM theirs\.house WHERE x = 1; UPDATE .*
 +\|   \^
detail: nothing was run; 1 other is missing: UPDATE on table theirs\.house \(002_b\.sql:3\)
hint: GRANT DELETE ON theirs\.house TO tenant; or run it as another role, with --role or --db; plan lists all that is missing, and what to run for it\n\z},
    'with the first that is missing, its place, its owner, the others, and what to run');
is(psql($db, q{SELECT to_regclass('own.first') IS NULL, to_regclass('stele.ledger') IS NULL}), 't|t', '... before anything was made');
($exit, $out, $err) = run($both, 'plan', '--db', url($db, 'tenant'));
is($exit, 9, 'plan is, too');
like($out, qr{^001_a\.sql\n.*^002_b\.sql\n.*^rights that are missing, or can't be checked before it runs:
  \S*/002_b\.sql:3: missing: DELETE on table theirs\.house\n +GRANT DELETE ON theirs\.house TO tenant; or .*
  \S*/002_b\.sql:3: missing: UPDATE on table theirs\.house\n +GRANT UPDATE ON theirs\.house TO tenant; or [^\n]*
  \S*/002_b\.sql:4: can't be checked: DO: what it needs, and changes, only shows when it runs; so of what comes behind it, 1 need can't be checked either
  \S*/002_b\.sql:5: missing now, unless what comes before changes that: DELETE on table theirs\.parts\n +GRANT DELETE ON theirs\.parts TO tenant; or [^\n]*
.*  \S*/002_b\.sql:6: can't be checked: DO: what it needs only shows when it runs$}sm, 'but shows all of it in the order of the files, and all that is missing');
is((run($both, 'plan', '--sql', '--db', url($db, 'tenant')))[0], 0, 'plan --sql is for whoever runs it');
is((run($both, 'up', '001', '--db', url($db, 'tenant')))[0], 0, 'what needs no more can be applied');
psql($db, 'GRANT DELETE, UPDATE, SELECT ON theirs.house, theirs.parts TO tenant');
($exit, $out, $err) = run($both, 'up', '--db', url($db, 'tenant'));
is($exit, 0, 'with what was missing, all of it') or diag($err);
for my $command (['down'], ['redo'], ['plan', '--down']) {
    ($exit, $out, $err) = run($both, @{$command}, $command->[0] eq 'plan' ? () : '--allow-destructive', '--db', url($db, 'tenant'));
    is($exit, 9, "@{$command} is refused") or diag($err);
    like($err, qr{/002_b\.sql:8:1: error: role "tenant" lacks TRUNCATE on table theirs\.house}, '... at its statement');
}
($exit, undef, $err) = run($both, 'down', '--allow-destructive', '--role', 'tenant', '--db', url($db));
is($exit, 9, 'nor as that role by a superuser') or diag($err);
like($out, qr{^  \S*/002_b\.sql:8: missing: TRUNCATE on table theirs\.house$}m, 'plan --down lists it');
is(psql($db, 'SELECT count(*) FROM stele.ledger'), '2', 'and nothing was taken back');

# Who is told to become a member of the owner, and who isn't: of one that may do everything.
for my $case (['landlord', ', or GRANT landlord TO tenant'], ['postgres', '']) {
    my ($owner, $grant) = @{$case};
    psql($db, "CREATE TABLE theirs.of_$owner (x int); ALTER TABLE theirs.of_$owner OWNER TO $owner");
    my $program = program(migrations({'001_a.sql' => "ALTER TABLE theirs.of_$owner ADD COLUMN y int;\nALTER TABLE own.room OWNER TO $owner;\n"}), '-Wno-absent');
    ($exit, $out, $err) = run($program, 'plan', '--schema', 'nowhere', '--db', url($db, 'tenant'));
    like($out, qr{^ +ALTER TABLE theirs\.of_$owner OWNER TO tenant\Q$grant\E; or run it as another role, with --role or --db$}m, "what belongs to $owner");
    like($out, qr{membership in role $owner\n +\Q@{[$grant eq '' ? 'run it' : 'GRANT landlord TO tenant; or run it']}\E as another}, '... and what is given to it');
}

# Memory runs out at each request, one after the other.
SKIP: {
    my ($preload, $why) = preloadable('failing_malloc');
    skip($why, 2) unless $preload;
    my $starving = program(migrations({'001_a.sql' => "CREATE EXTENSION file_fdw;\nDELETE FROM theirs.shed;\nDROP FUNCTION theirs.ring();\nALTER SCHEMA theirs RENAME TO a;\n", '002_b.sql' => "DELETE FROM own.room;\n"}, undef), '-Wno-absent');
    for my $command ('plan', 'up') {
        my ($count, $requests, @wrong) = (temporary());
        for (my $n = 0; !defined $requests || $n <= $requests; $n++) {
            my ($exit, $out, $err) = run($starving, $command, '--schema', 'nowhere', '--db', url($db, 'tenant'), {env => {LD_PRELOAD => $preload, FAILING_MALLOC => $n, FAILING_MALLOC_COUNT => $count}});
            $requests = read_file($count) + 0 unless defined $requests;
            push(@wrong, "request $n: exit $exit: $out$err") unless $exit == 9 || ($n > 0 && $exit == 1 && $err =~ /out of memory/);
        }
        is(join("\n", @wrong), '', "$command: any of $requests requests may fail");
    }
}

done_testing();
