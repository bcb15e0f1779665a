# What may be wrong with a row or a script: it is found, told, and harms nothing else.

use strict;
use warnings;

use Stele::Faults;
use Stele::Jobs;
use Stele::Test;
use Test::More;
use Time::HiRes qw(time);

my ($place, $db, $stats, $begin, $took);

# ------------------------------------------------------------------ one bad row

$place = here(20000, embed => 'max_inputs = 256');
$db = $place->{db};
psql($db, "UPDATE doc SET content = 'this is poison' WHERE id = 7777");
provider()->control(refuse => 'poison');
runs($place, 'one text of 20,000 that the provider refuses');
$stats = provider()->stats;
cmp_ok($stats->{bad}, '<=', 10, "... is found with few requests more: $stats->{bad} of $stats->{requests} were refused");
is((worker_run($place, 'dead'))[1] =~ s/\|[^|]*$//r, 'dead 7777|embed|400', '... and it is told which, where and why');
compared($place, 19999, '... the others have their vectors');
is((worker_run($place, 'retry'))[1], "retry=1\n", 'it is tried again');
runs($place, '... in vain');
is(psql($db, 'SELECT attempts, resolved IS NULL FROM stele.dead'), '2|t', '... and it is dead again');
psql($db, "UPDATE doc SET content = 'remedy' WHERE id = 7777");
runs($place, '... until the row is mended');
compared($place, 20000, '... then it has its vector');
is((worker_run($place, 'dead'))[1], '', '... and is not dead any more');
psql($db, "UPDATE doc SET content = 'poison again' WHERE id = 6");
runs($place, 'one more');
psql($db, 'DELETE FROM doc WHERE id = 6');
runs($place, '... that goes');
is((worker_run($place, 'dead'))[1], '', '... is not dead any more');
psql($db, "UPDATE doc SET content = 'more poison' WHERE id = 5");
runs($place, 'another one');
like((worker_run($place, 'dead'))[1], qr/^dead 5\|embed\|400\|/, '... is dead');
provider()->reset;
is((worker_run($place, 'retry', '400'))[1], "retry=1\n", '... and tried again by its code, with the provider mended');
runs($place, '... it runs');
compared($place, 19999, '... and all is right');

# ------------------------------------------------------------------ refused at COMMIT

# What a deferred constraint refuses is known when the transaction ends: in a first load behind COPY, and otherwise without any COMMIT.
my $allowed = "CREATE TABLE allowed (id bigint PRIMARY KEY);\nINSERT INTO allowed SELECT i FROM generate_series(1, ROWS) AS i WHERE i NOT IN (7, 150);\n";
my %deferred = (
    side => [{}, 'ALTER TABLE side ADD FOREIGN KEY (id) REFERENCES allowed DEFERRABLE INITIALLY DEFERRED', 'SELECT count(embedding) FROM side'],
    column => [{map => 'function(row) return { boss = row.id } end'}, 'ALTER TABLE doc ADD COLUMN boss bigint REFERENCES allowed DEFERRABLE INITIALLY DEFERRED', 'SELECT count(boss) FROM doc'],
);
for my $where (sort keys %deferred) {
    my ($of, $sql, $written) = @{$deferred{$where}};
    provider()->reset;
    my $kind = job(%{$of});
    $kind->{sql} .= "$allowed$sql;\n";
    $place = place($kind, rows => 300);
    runs($place, "a deferred constraint of the $where that two rows violate");
    is((worker_run($place, 'dead'))[1] =~ s/\|[^|\n]*$//mgr, "dead 7|write|23503\ndead 150|write|23503\n", '... these are dead');
    is(psql($place->{db}, $written), 298, '... and the others written');
}

# ------------------------------------------------------------------ refused without a word, and by a policy

# A trigger that has UPDATE leave a row as it is says nothing; it would go on so for ever.
my $keeps = "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF OLD.id IN (7, 150) THEN RETURN NULL; END IF; RETURN NEW; END'; CREATE TRIGGER keep BEFORE UPDATE ON doc FOR EACH ROW EXECUTE FUNCTION keep()";
my $in_place = job();
$in_place->{sql} .= 'ALTER TABLE doc ADD embedding vector(8), ADD input bytea;';
$in_place->{lua} =~ s/table = 'side', //;
my $upper = job(map => 'function(row) return { content = row.content:upper() } end', more => q{where = "content ~ '[a-z]'"});
for my $case ([$in_place, 'SELECT count(embedding) FROM doc'], [$upper, q{SELECT count(*) FROM doc WHERE content ~ '^TEXT'}]) {
    my ($kind, $written) = @{$case};
    provider()->reset;
    $place = place($kind, rows => 300);
    psql($place->{db}, $keeps);
    runs($place, 'a trigger of the table itself that keeps two rows as they are');
    like($out, qr/^state=done paused=0 rows=298 dead=2 dirty=0 /m, '... these are given up, and nothing else');
    is((worker_run($place, 'dead'))[1], join('', map { "dead $_|write|kept-out|a trigger or a rule of doc keeps this row out\n" } 7, 150), '... with the reason');
    is(psql($place->{db}, $written), 298, '... the others are written');
    provider()->reset;
    runs($place, 'the next run');
    is(provider()->stats->{good_inputs}, 0, '... tries none of them again');
    psql($place->{db}, 'DROP TRIGGER keep ON doc');
    is((worker_run($place, 'retry', 'kept-out'))[1], "retry=2\n", 'without the trigger they are tried again');
    runs($place, '... it runs');
    is(psql($place->{db}, $written), 300, '... and they are written');
}

# A policy of row security refuses rows, with the same SQLSTATE as a right that is missing.
psql('postgres', 'CREATE ROLE tenant LOGIN');
provider()->reset;
$place = place(job(), rows => 300);
psql($place->{db}, 'GRANT USAGE, CREATE ON SCHEMA stele TO tenant; GRANT ALL ON ALL TABLES IN SCHEMA stele, public TO tenant; ALTER TABLE doc OWNER TO tenant;
    ALTER TABLE side ENABLE ROW LEVEL SECURITY; CREATE POLICY a ON side USING (true) WITH CHECK (id NOT IN (7, 150))');
$place->{conninfo} = url($place->{db}, 'tenant');
runs($place, 'a policy that refuses two rows');
like($out, qr/^state=done paused=0 rows=298 dead=2 dirty=0 /m, '... these are given up, and nothing else') or diag($err);
is((worker_run($place, 'dead'))[1] =~ s/\|[^|\n]*$//mgr, "dead 7|write|42501\ndead 150|write|42501\n", '... with the reason');
psql($place->{db}, 'DROP POLICY a ON side; CREATE POLICY b ON side USING (true)');
worker_run($place, 'retry');
runs($place, '... without it they are written');
compared($place, 300, '... so that all is right');

# ------------------------------------------------------------------ columns that can't be set

my $generated = job(map => q{function(row) return ({ { big = "x" }, { big = null }, { no = 5 }, { bog = 1 }, { bog = null } })[row.id] or { content = row.content .. "!" } end});
$generated->{sql} .= 'ALTER TABLE doc ADD COLUMN big text GENERATED ALWAYS AS (upper(content)) STORED, ADD COLUMN no int GENERATED ALWAYS AS IDENTITY;';
$place = place($generated, rows => 20);
runs($place, 'a map that returns columns that are generated');
is((worker_run($place, 'dead'))[1] =~ s/^(dead \d+\|map\|\w+\|).*?(?=map\(row\))/$1/mgr, join('', map { "dead $_->[0]|map|lua|map(row) returned the column \"$_->[1]\n" } [1, 'big", which is generated always and can\'t be set'], [2, 'big", which is generated always and can\'t be set'],
    [3, 'no", which is generated always and can\'t be set'], [4, 'bog", which the table hasn\'t'], [5, 'bog", which the table hasn\'t']), '... is told so, with NULL for a value as well, and of one that is not there no such column');
is(psql($place->{db}, q{SELECT count(*) FROM doc WHERE content LIKE '%!'}), 15, '... the others are written');

# ------------------------------------------------------------------ rows that harm

my $harm = <<'LUA';
function(row)
    local n = tonumber(row.content:match("%d+"))
    local function loop() while true do end end
    if n == 10 then loop()
    elseif n == 20 then pcall(loop)
    elseif n == 30 then coroutine.wrap(loop)()
    elseif n == 40 then return tostring(setmetatable({}, { __tostring = loop }))
    elseif n == 50 then return (("a"):rep(40)):match(("a*"):rep(40) .. "b")
    elseif n == 60 then local t = {} while true do t[#t + 1] = ("x"):rep(100000) .. #t end
    elseif n == 70 then return ("x"):rep(1 << 40)
    elseif n == 80 then while true do pcall(loop) end
    elseif n == 90 then error({ 1 })
    elseif n == 100 then return nil + 1 end
    return row.content
end
LUA
$place = here(1000, text => $harm);
$begin = time();
runs($place, 'rows that loop for ever, or eat memory');
$took = time() - $begin;
is(join(' ', (worker_run($place, 'dead'))[1] =~ /^dead (\d+)\|text\|/mg), '10 20 30 40 50 60 70 80 90 100', '... are dead');
compared($place, 990, '... and nobody else is');
cmp_ok($took, '<', 120, sprintf('... in no time: %.1f s', $took));
$place = here(1000, map => $harm =~ s/return row.content\nend/return { content = row.content .. "." }\nend/r);
runs($place, 'the same of map');
is(psql($place->{db}, "SELECT count(*) FILTER (WHERE content LIKE '%.'), count(*) FILTER (WHERE content LIKE '%..') FROM doc"), '990|0', '... the others are done, once');

# ------------------------------------------------------------------ another script

$place = here(300);
runs($place, 'a job');
my %other = (script => [text => 'function(row) return row.content .. "!" end'], model => [embed => 'max_inputs = 64'], key => [more => "where = 'id > 5'"]);
for my $what (sort keys %other) {
    my $kind = job(@{$other{$what}});
    $kind->{lua} =~ s/model = "m"/model = "n"/ if $what eq 'model';
    ($exit, $out, $err) = run(worker_program('job', $kind->{lua}), url($place->{db}), 'job', 'run');
    is($exit, 9, "begun, and then run with another $what: refused");
    like($err, $what eq 'script' ? qr/^\+.*\.\. "!"/m : $what eq 'model' ? qr/^detail: - model: m\n\+ model: n$/m : qr/^(?:detail: )?\+ where: id > 5$/m, '... with the difference');
}

# A query of the verification that isn't one.
for my $zero (['DELETE FROM doc', 'cannot execute DELETE in a read-only transaction \[25006\]'], ['COPY doc TO STDOUT', q{COPY can't be run here}]) {
    my ($query, $why) = @{$zero};
    $place = here(20, more => "verify = { zero = '$query' }");
    runs($place, "$query where a count is expected", 9);
    like($out, qr/^state=verify paused=1 .*\nreason=the verification failed: zero: the query failed: $query; $why\n/m, '... pauses the job, with the reason');
}

done_testing();
