# Some rows for real, rolled back: what is shown of them, what is wrong with one of them, and that nothing is left of it.

use strict;
use warnings;

use Stele::Provider;
use Stele::Test;
use Test::More;

my $provider = Stele::Provider->new;
$provider->control(dimensions => 8);
my $db = fresh_database();
$ENV{KEY} = 'k';
my $url = $provider->url;
my $embed = qq{embed = http { url = "$url", model = "m", dimensions = 8 }, text = function(row) if row.body == "wrong" then error("no text") end return row.body end};
my $folder = migrations({
    '001_a.sql' => <<'SQL',
CREATE EXTENSION vector;
CREATE TABLE docs (id bigint, part text, body text, PRIMARY KEY (id, part));
CREATE TABLE side (id bigint, part text, input bytea NOT NULL, embedding vector(8), PRIMARY KEY (id, part), CONSTRAINT small CHECK (id <> 5));
CREATE TABLE people (id int PRIMARY KEY, email text, sealed bytea, name text, n int CHECK (n < 100), boss int, embedding vector(8),
    CONSTRAINT boss FOREIGN KEY (boss) REFERENCES people DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE noted (what text);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO noted VALUES (TG_OP); RETURN NEW; END';
CREATE TRIGGER note AFTER UPDATE ON people FOR EACH ROW EXECUTE FUNCTION note();
SQL
    'J_side.lua' => qq{return { table = "docs", key = { "id", "part" }, read = { "body" }, $embed, into = { table = "side", vector = "embedding", hash = "input" } }},
    'J_blank.lua' => qq{return { table = "docs", key = { "id", "part" }, read = { "body" }, $embed, into = { table = "side", vector = "embedding", hash = "input" }, empty = "null" }},
    'J_map.lua' => <<'LUA',
return { table = "people", key = "id", read = { "email", "name" }, where = "id < 100",
    map = function(row)
        if row.id == 3 then return nil end
        if row.id == 4 then error("can't") end
        if row.id == 5 then return { boss = 999 } end
        if row.id == 6 then return { n = 1000 } end
        if row.id == 7 then return { n = "many" } end
        return { name = string.upper(row.name), email = null }
    end }
LUA
    'J_sql.lua' => 'return { table = "people", key = "id", read = { "email" }, where = "id < 4", sql = [[UPDATE people p SET name = :k, n = 7 / (2 - p.id) FROM :batch b WHERE p.id = b.id]], bind = { k = "new" } }',
    'J_wrong.lua' => 'return { table = "people", key = "id", read = { "email" }, sql = [[UPDATE people p SET nothing = 1 FROM :batch b WHERE p.id = b.id]] }',
});
my $job = application('look_ahead', $folder);
sub job {
    my ($exit, $out, $err) = run($job, url($db), @_, {timeout => 300});
    return $out . $err;
}
# Everything that is there, as one text.
sub state_of {
    return psql($db, q{SELECT string_agg(query_to_xml(format('SELECT * FROM %s', oid::regclass), true, false, '')::text, '' ORDER BY oid) FROM pg_class WHERE relkind = 'r' AND oid > 16384}
        . q{; SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class; SELECT count(*) FROM pg_trigger});
}

is(job('side', 'apply'), "apply: 0\n", 'applied');
is(job('side', 'try=3'), "try=3: 0\n", 'an empty table has no rows');
psql($db, q{INSERT INTO docs SELECT i, 'a', 'text ' || i FROM generate_series(1, 4) i; INSERT INTO docs VALUES (5, 'a', 'five'), (6, 'b, "c"', 'wrong'), (7, 'a', ' '), (8, 'a', repeat('é', 300)), (9, 'a', 'refuse me');
INSERT INTO people SELECT i, 'e' || i, NULL, 'n' || i, i FROM generate_series(1, 7) i});
my $before = state_of();

# ---------------------------------------------------------------- embeds

$provider->control(refuse => 'refuse');
my $out = job('side', 'try=20');
my %row = $out =~ /^(\(.*?\)) \| (.*)$/mg;
is(scalar(keys %row), 9, 'all rows of a small table') or diag($out);
like($row{'(1, a)'}, qr/^text 1 \| vector\(8\), norm 1: \[-?[\d.]+(?:, -?[\d.]+){4}, \.\.\.\] \| $/, 'the text, its vector');
like($row{'(5, a)'}, qr/^five \|  \| write, 23514: new row for relation "side" violates check constraint "small"/, 'a constraint refuses one');
like($row{'(6, b, "c")'}, qr/^ \|  \| text, lua: \S+\.lua:\d+: .*no text/, 'the script fails at one');
like($row{'(7, a)'}, qr/^.*\|  \| text, empty: there is no text to embed$/, 'one has no text');
like($row{'(8, a)'}, qr/^(?:é){100,101}\.\.\. \| vector/, 'a long text is cut at a character');
like($row{'(9, a)'}, qr/^refuse me \|  \| embed, 400: /, 'the provider refuses one');
like($out, qr/^try=20: 0$/m, 'which are problems of these rows');
like(job('blank', 'try=20'), qr/^\(7, a\) \| .*? \| NULL, since there is no text \| $/m, 'a NULL where the script says so');
my @some = job('side', 'try=2') =~ /^\(/mg;
is(scalar(@some), 2, 'as many rows as are asked for');
is(state_of(), $before, 'nothing is left of it: no vector, no table of jobs, no trigger');

$provider->reset(dimensions => 8, status => 401, times => 100);
like(job('side', 'try=20'), qr/^try=20: [1-9].*\nerror .*401/m, 'a provider that takes no key is told');
$provider->reset(dimensions => 8);

# ------------------------------------------------------------------ map

%row = job('map', 'try=20') =~ /^(\(.*?\)) \| (.*)$/mg;
is($row{'(1)'}, 'email = NULL, name = N1 | email: e1 -> NULL, name: n1 -> N1 | ', 'what map returned; and what was, and is then');
is($row{'(3)'}, ' | the row stays as it is | ', 'a row that map leaves');
like($row{'(4)'}, qr/^ \|  \| map, lua: .*can't/, 'one at which it fails');
like($row{'(5)'}, qr/^boss = 999 \|  \| write, 23503: .*violates foreign key constraint "boss"/, 'a deferred constraint is checked');
like($row{'(6)'}, qr/^n = 1000 \|  \| write, 23514: /, 'a constraint');
like($row{'(7)'}, qr/^.*\|  \| (?:map|write), \w+: /, "a value that isn't of the type");
is(state_of(), $before, 'nothing is left of it, also not what the trigger did');

# ------------------------------------------------------------------ sql

%row = job('sql', 'try=20') =~ /^(\(.*?\)) \| (.*)$/mg;
is($row{'(1)'}, ' | 1 rows; name: n1 -> new, n: 1 -> 7 | ', 'a statement of the script');
like($row{'(2)'}, qr/^ \|  \| write, 22012: division by zero/, 'at one row it fails');
is(scalar(keys %row), 3, 'only rows that where asks for');
like(job('wrong', 'try=2'), qr/^try=2: 9\nerror in `sql`: column "nothing" of relation "people" does not exist/m, 'a statement that is wrong fails the try');
is(state_of(), $before, 'nothing is left of it');
done_testing();
