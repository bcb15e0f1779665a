# What may be wrong with a row, a script, a provider or a server: it is found, told, and harms nothing else.

use strict;
use warnings;

use Stele::Jobs;
use Stele::Test;
use Test::More;
use Time::HiRes qw(sleep time);

my ($exit, $out, $err);
my $doc = "CREATE TABLE doc (id bigint PRIMARY KEY, content text);\nINSERT INTO doc SELECT i, 'text ' || i FROM generate_series(1, ROWS) AS i;\n";
my $side = "CREATE TABLE side (id bigint PRIMARY KEY, input bytea NOT NULL, embedding vector(8));\n";

# A job over doc: what the script says else, and the function.
sub job {
    my (%of) = @_;
    my $lua = "return { table = 'doc', key = 'id', read = { 'content' }, " . ($of{more} ? "$of{more}, " : '')
        . ($of{map} ? "map = $of{map}" : 'embed = http { url = "URL", model = "m", dimensions = 8, send_dimensions = true, ' . ($of{embed} // 'max_inputs = 64') . ' }, text = '
            . ($of{text} // 'function(row) return row.content end') . ", into = { table = 'side', vector = 'embedding', hash = 'input' }")
        . ", pace = { lag = '0s', max_dead = 1 PACE } }\n";
    return {name => $of{name} // 'job', sql => $doc . $side, lua => $lua, vectors => 'SELECT content, embedding::text FROM doc JOIN side USING (id)', zero => {}};
}

sub here {
    my ($rows, %of) = @_;
    provider()->reset;
    return place(job(%of), rows => $rows, pace => $of{pace});
}

sub runs {
    my ($place, $what, $want) = @_;
    ($exit, $out, $err) = worker_run($place, 'run');
    is($exit, $want // 0, $what) or diag($err . $out);
    return;
}

sub compared {
    my ($place, $count, $what) = @_;
    my @said = worker_run($place, 'compare', $place->{kind}{vectors});
    is($said[1], "compared=$count wrong=0\n", $what) or diag($said[2]);
    return;
}

# ------------------------------------------------------------------ one bad row

my $place = here(20000, embed => 'max_inputs = 256');
my $db = $place->{db};
psql($db, "UPDATE doc SET content = 'this is poison' WHERE id = 7777");
provider()->control(refuse => 'poison');
runs($place, 'one text of 20,000 that the provider refuses');
my $stats = provider()->stats;
cmp_ok($stats->{requests} - 79 - 9, '<=', 12, "... is found with few requests more, of $stats->{requests}; the verification makes 9");
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

# ------------------------------------------------------------------ the provider as a whole

$place = here(2000);
provider()->control(status => 429, times => 12, retry_after => 0);
runs($place, 'a storm of 429');
compared($place, 2000, '... passes');
is((worker_run($place, 'dead'))[1], '', '... charged to nobody');
$stats = provider()->stats;
is("$stats->{repeated} $stats->{good_inputs}", '16 2016', '... no batch was split, and nothing is paid for twice, but the 16 of the verification') or diag(join(' ', %{$stats}));

$place = here(300);
psql($place->{db}, "UPDATE doc SET content = repeat('long ', 500) WHERE id IN (3, 200)");
provider()->control(longest => 1000);
runs($place, 'texts that are too long');
is((worker_run($place, 'dead'))[1] =~ s/\|[^|\n]*$//mgr, "dead 3|embed|too-long\ndead 200|embed|too-long\n", '... are dead');
compared($place, 298, '... and the others right');
$place = here(300, embed => 'max_inputs = 64, max_input_tokens = 100, too_long = "clip"');
psql($place->{db}, "UPDATE doc SET content = repeat('long ', 500) WHERE id IN (3, 200)");
provider()->control(longest => 1000);
runs($place, '... or clipped');
is(psql($place->{db}, 'SELECT count(embedding) FROM side'), 300, '... and all have a vector');

for my $wrong (qw(short duplicate dimension nan zero constant)) {
    $place = here(300);
    provider()->control(wrong => $wrong, wrong_times => 3);
    runs($place, "three answers that are wrong, \"$wrong\"");
    compared($place, 300, '... pass');
}
for my $wrong (qw(nan constant)) {
    $place = here(300);
    provider()->control(wrong => $wrong, wrong_times => -1);
    ($exit, $out, $err) = run($place->{program}, $place->{conninfo}, 'job', 'run', {timeout => 4});
    isnt($exit, 0, "nothing but answers that are wrong, \"$wrong\"");
    unlike($out, qr/state=(?:done|ready)/, '... are never taken for right');
    is(psql($place->{db}, 'SELECT count(*) FROM side'), 0, '... nor written');
}
$place = here(300);
provider()->control(degrade_above => 8);
runs($place, 'vectors that are worse with more texts in a request', 9);
like($err, qr/canary/, '... are found by the verification');
$place = here(300);
provider()->control(wrong => 'order', wrong_times => -1);
runs($place, 'answers in another order');
compared($place, 300, '... are put in order');

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
my $begin = time();
runs($place, 'rows that loop for ever, or eat memory');
my $took = time() - $begin;
is(join(' ', (worker_run($place, 'dead'))[1] =~ /^dead (\d+)\|text\|/mg), '10 20 30 40 50 60 70 80 90 100', '... are dead');
compared($place, 990, '... and nobody else is');
cmp_ok($took, '<', 8, sprintf('... in no time: %.1f s', $took));
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

# ------------------------------------------------------------------ a pause

$place = here(3000);
provider()->control(latency => 150);
my $worker = start($place->{program}, $place->{conninfo}, 'job', 'run');
begun($place);
$begin = time();
worker_run($place, 'pause');
is((finish($worker))[0], 5, 'a pause');
$took = time() - $begin;
cmp_ok($took, '<', 2.5, sprintf('... takes %.1f s', $took));
$stats = provider()->stats;
is(psql($place->{db}, 'SELECT count(*) FROM side'), $stats->{good_inputs}, '... and what was paid for is written');
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

# What a job writes into its own table moves rows.
{
    my $kind = kind('sql');
    $kind->{lua} =~ s/key = 'id'/key = 'id', by = 'blocks'/;
    my $moving = place($kind, rows => 100);
    isnt((worker_run($moving, 'run'))[0], 0, 'by blocks of a table whose rows move meanwhile is refused');
    is(psql($moving->{db}, 'SELECT max(n) FROM doc'), 0, '... before anything is done');
}

$place = here(100);
psql('postgres', "ALTER DATABASE $place->{db} SET default_transaction_read_only = on");
($exit, $out, $err) = worker_run($place, 'run');
isnt($exit, 0, 'a server that takes no writes');
like($err, qr/read-only/, '... is told');
psql('postgres', "ALTER DATABASE $place->{db} RESET default_transaction_read_only");
runs($place, '... and it runs when it does');
compared($place, 100, '... to its end');

# ------------------------------------------------------------------ what the database refuses for good

my $trap = "CREATE FUNCTION trap() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM 1 FROM gone; RETURN new; END'; CREATE TRIGGER trap BEFORE UPDATE ON doc FOR EACH ROW WHEN (new.id = 700) EXECUTE FUNCTION trap()";
for my $case (['a read', 'SELECT', "where = '1000 / (id - 700) IS NOT NULL'", qr/division by zero \[22012\]/, 'DELETE FROM doc WHERE id = 700'], ['a write', $trap, undef, qr/a write failed: relation "gone" does not exist \[42P01\]/, 'DROP TRIGGER trap ON doc']) {
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

done_testing();
