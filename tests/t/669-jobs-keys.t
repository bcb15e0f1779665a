# Keys of all types, by key and by blocks, on all kinds of tables: each row once, none left out.

use strict;
use warnings;

use Stele::Jobs;
use Stele::Test;
use Test::More;

my @keys = (
    ['negative',    'id bigint PRIMARY KEY', '(i - 500) * 1000003'],
    ['sparse',      'id numeric PRIMARY KEY', 'power(1.07::numeric, i)::numeric(60, 4)'],
    ['uuid',        'id uuid PRIMARY KEY', 'md5(i::text)::uuid'],
    ['collation',   q{id text COLLATE "de-x-icu" PRIMARY KEY}, q{(ARRAY['ä', 'Z', 'a', 'ß', 'A''', '"', '\\', '{,}', ' ', 'NULL'])[i % 10 + 1] || i}],
    ['C',           q{id text COLLATE "C" PRIMARY KEY}, q{chr(200 - i % 150) || i}],
    ['padded',      'id char(20) PRIMARY KEY', q{i || CASE i % 2 WHEN 0 THEN '  ' ELSE '' END}],
    ['time',        'id timestamptz PRIMARY KEY', q{CASE i WHEN 1 THEN '-infinity' WHEN 2 THEN 'infinity' WHEN 3 THEN '0044-03-15 BC'::timestamptz ELSE '2024-10-27 00:00+00'::timestamptz + i * interval '7.000001 min' END}],
    ['date',        'id date PRIMARY KEY', q{'2024-01-31'::date + i}],
    ['interval',    'id interval PRIMARY KEY', q{i * interval '-1 mon 3.5 h'}],
    ['float',       'id float8 PRIMARY KEY', q{CASE i WHEN 1 THEN 'NaN' WHEN 2 THEN 'Infinity' ELSE 1 / i::float8 END}],
    ['bytea',       'id bytea PRIMARY KEY', q{decode(md5(i::text), 'hex') || '\\x00'::bytea}],
    ['array',       'id varchar(8)[] PRIMARY KEY', q{CASE i WHEN 1 THEN '{}' ELSE ARRAY['a' || i] END}],
    ['enum',        'id mood, n int, PRIMARY KEY (id, n)', q{(ARRAY['zz', 'b', 'a'])[i % 3 + 1]::mood, i}, ['id', 'n']],
    ['composite',   '"Te nant" text, id int, "x""y" uuid, PRIMARY KEY ("Te nant", id, "x""y")', q{'t' || i % 7, -i, md5(i::text)::uuid}, ['Te nant', 'id', 'x"y']],
    ['unique',      'id int NOT NULL, CONSTRAINT u UNIQUE (id)', 'i'],
    ['inet',        'id inet PRIMARY KEY', q{'10.0.0.0'::inet + i}],
    ['domain',      'id whole PRIMARY KEY', 'i'],
    ['partitioned', 'id int, part int, PRIMARY KEY (part, id)', 'i, i % 3', ['part', 'id'], 'PARTITION BY LIST (part)'],
);
my $db = fresh_database();
psql($db, "CREATE EXTENSION vector; CREATE TYPE mood AS ENUM ('zz', 'b', 'a'); CREATE DOMAIN whole AS bigint CHECK (VALUE > 0)");
psql($db, "ALTER DATABASE $db SET datestyle = 'SQL, DMY'; ALTER DATABASE $db SET timezone = 'America/St_Johns'; ALTER DATABASE $db SET intervalstyle = 'sql_standard';
    ALTER DATABASE $db SET extra_float_digits = -5; ALTER DATABASE $db SET bytea_output = 'escape'");

sub lua_name { return '[=[' . $_[0] . ']=]' }

my (%jobs, %want);
for my $key (@keys) {
    my ($name, $columns, $values, $keys, $by) = @{$key};
    my @keys = $keys ? @{$keys} : ('id');
    my $list = join(', ', map { '"' . s/"/""/gr . '"' } @keys);
    psql($db, "CREATE TABLE \"$name\" ($columns, content text) " . ($by // '') . ';'
        . ($by ? "CREATE TABLE p0 PARTITION OF $name FOR VALUES IN (0); CREATE TABLE p1 PARTITION OF $name FOR VALUES IN (1, 2);" : '')
        . "INSERT INTO \"$name\" SELECT $values, 'text ' || i FROM generate_series(1, 700) AS i ORDER BY md5(i::text); CREATE TABLE \"${name}_v\" (" . ($columns =~ s/CONSTRAINT u //r) . ', input bytea, embedding vector(4)); ANALYZE');
    my @by = grep { $_ eq 'key' || $name =~ /^(?:uuid|composite|float)\z/ } 'key', 'blocks';
    for my $order (@by) {
        $jobs{"J_${name}_$order.lua"} = "return { table = [=[\"$name\"]=], key = { " . join(', ', map { lua_name($_) } @keys) . " }, by = '$order', read = { 'content' }, where = \"content <> 'text 13' -- not that\",\n"
            . "    embed = callback { model = 'm', dimensions = 4 }, text = function(row) return row.content end, into = { table = [=[\"${name}_v\"]=], vector = 'embedding', hash = 'input' },\n"
            . "    pace = { chunk = 150, write_rows = 40, lag = '0s' }, verify = { distinct = 1 } }\n";
    }
    $want{$name} = "SELECT d.content, v.embedding::text FROM \"$name\" AS d JOIN \"${name}_v\" AS v USING ($list)";
}
my $program = application('worker', migrations({'001_nothing.sql' => "CREATE TABLE nothing ();\n", %jobs}));
is((run($program, url($db), 'up'))[0], 0, 'up');
$ENV{DIMENSIONS} = 4;
for my $job (sort keys %jobs) {
    my ($name, $order) = $job =~ /^J_(.*)_(key|blocks)\.lua/;
    psql($db, "TRUNCATE \"${name}_v\"");
    my ($exit, $out, $err) = run($program, url($db), "${name}_$order", 'run');
    is($exit, 0, "a key of the kind $name, by $order") or diag($err . $out);
    ($exit, $out, $err) = run($program, url($db), "${name}_$order", 'compare', $want{$name});
    is($out, "compared=699 wrong=0\n", '... each row that where lets through, once') or diag($err);
    # A row that is changed, one that goes, and one that comes.
    psql($db, "UPDATE \"$name\" SET content = 'changed' WHERE content = 'text 100'; DELETE FROM \"$name\" WHERE content = 'text 200'; UPDATE \"$name\" SET content = 'text 13' WHERE content = 'text 300'");
    ($exit, $out, $err) = run($program, url($db), "${name}_$order", 'run');
    is($exit, 0, '... and once more') or diag($err . $out);
    ($exit, $out, $err) = run($program, url($db), "${name}_$order", 'compare', $want{$name});
    is($out, "compared=697 wrong=0\n", '... what was changed, left, and went') or diag($err);
    is(psql($db, "SELECT count(*) FROM stele.dirty"), '0', '... and no note is left');
    psql($db, "TRUNCATE \"$name\"; INSERT INTO \"$name\" SELECT " . (map { $_->[2] } grep { $_->[0] eq $name } @keys)[0] . ", 'text ' || i FROM generate_series(1, 700) AS i");
    psql($db, "DELETE FROM stele.dirty; UPDATE stele.job SET desired = 'cancel', state = 'cancelled'");
    for my $trigger (split(/\n/, psql($db, "SELECT format('DROP TRIGGER %I ON %s', tgname, tgrelid::regclass) FROM pg_trigger WHERE NOT tgisinternal AND tgparentid = 0"))) {
        psql($db, $trigger);
    }
}

done_testing();
