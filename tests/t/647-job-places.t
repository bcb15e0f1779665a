#!/usr/bin/perl
# A table or a column that isn't there, or can't be what the script says of it, is told with the script's line, and with what was probably meant.

use strict;
use warnings;

use Stele::Test;
use Test::More;

my $tables = <<'END';
CREATE EXTENSION vector;
CREATE SCHEMA app;
CREATE TABLE docs (id bigint PRIMARY KEY, title text, body text, v vector(8), small vector(3), hash bytea, a int, b int, CONSTRAINT two_ab UNIQUE (a, b));
CREATE TABLE app.notes (id bigint PRIMARY KEY, body text);
CREATE TABLE docs_8 (id bigint PRIMARY KEY, input bytea NOT NULL, embedding vector(8));
END
my $script = <<'END';
return {
    table = "docs",
    key = "id",
    read = { "title", -- not "body"
             "body" },
    where = "title IS NOT NULL",
    embed = fixed { dimensions = 8 },
    text = function(row) return row.title end,
    into = {
        table = "docs_8",
        vector = "embedding",
        hash = "input",
    },
    verify = { read = "title", check = function(row) return true end },
}
END
my $migrations = {'001_a.sql' => $tables};
my $db = fresh_database();
is((stele(program(migrations($migrations)), $db, 'up'))[0], 0, 'up');

# With something replaced: the line and the message, of run and of plan.
sub wrong {
    my ($from, $to, $line, $message, $hint) = @_;
    (my $text = $script) =~ s/\Q$from\E/$to/ or die "no $from\n";
    my $program = program(migrations({%{$migrations}, 'J_a.lua' => $text}));
    for my $verb ($line ? ('run', $line == 2 ? 'plan' : ()) : 'plan') {
        my ($exit, $out, $err) = stele($program, $db, 'job', $verb);
        is($exit, $line ? 9 : 0, "$to: $verb");
        like($err, qr/^\S*J_a\.lua:$line:\d+: error: (?:the job "a" can't be run like this: )?$message(?: \[\w+\])?$/m, '... says where') if $line;
        like($err . $out, $hint, '... and what there is') if $hint;
    }
    return;
}

wrong('"title"', '"title"', 0, '', undef);
wrong('"docs",', '"dosc",', 2, qr/there is no table dosc; did you mean docs\?/);
wrong('"docs",', '"notes",', 2, qr/there is no table notes; did you mean app\.notes\?/);
wrong('"docs",', '"app.note",', 2, qr/there is no table app\.note; did you mean app\.notes\?/);
wrong('"docs",', '"nothing",', 2, qr/there is no table nothing/);
wrong('"id"', '"ip"', 3, qr/the table docs has no column "ip"; did you mean "id"\?/, qr/it has id, title, body, v, small, hash, a, b$/m);
wrong('"id"', '"title"', 3, qr/docs has no unique index of exactly \(title\).*/);
wrong('"id"', '{ "b", "a" }, by = "key"', 3, qr/the unique index "two_ab" of docs is on \(a, b\); the script's key is \(b, a\)/, qr/name them in the index's order/);
wrong('"body" }', '"bdoy" }', 5, qr/the table docs has no column "bdoy"; did you mean "body"\?/);
wrong('title IS', 'titel IS', 6, qr/in `where`: column "titel" does not exist/, qr/Perhaps you meant to reference the column "title"\.$/m);
wrong('"docs_8"', '"docs_9"', 10, qr/there is no table docs_9; did you mean docs_8\?/);
wrong('"embedding"', '"embeding"', 11, qr/the table docs_8 has no column "embeding"; did you mean "embedding"\?/);
wrong('"embedding"', '"id2"', 11, qr/the table docs_8 has no column "id2"; did you mean "id"\?/);
wrong('"input",', '"nothing",', 12, qr/the table docs_8 has no column "nothing"/, qr/it has id, input, embedding$/m);
wrong('dimensions = 8', 'dimensions = 4', 11, qr/column "embedding" of docs_8 is of type .*vector\(8\), but the model "fixed" has 4 dimensions/);

# ------------------------------------------------------------------ the index, before the load

my $of_vector = qr/^\s*(?:hint: )?for the type vector hnsw has .*vector_cosine_ops/m;
sub index_is {
    my ($definition, $message, $hint) = @_;
    wrong('    verify =', "    index = '$definition',\n    verify =", $message ? 14 : 0, $message, $hint);
    return;
}
index_is('USING hnsw (embedding vector_cosine_ops) WITH (m = 8)', '', undef);
index_is('using HNSW ("embedding" public.vector_l2_ops)', '', undef);
index_is('USING hnsw ((embedding::halfvec(8)) halfvec_l2_ops)', '', undef);
index_is('USING ivfflat (embedding) WITH (lists = 1)', '', undef);
index_is('USING hnws (embedding vector_l2_ops)', qr/the index can't be built: there is no index method "hnws"; did you mean "hnsw"\?/, undef);
index_is('USING hnsw (embeding vector_l2_ops)', qr/.*the table docs_8 has no column "embeding"; did you mean "embedding"\?/, undef);
index_is('USING hnsw (embedding vector_cosin_ops)', qr/.*hnsw has no operator class "vector_cosin_ops"; did you mean "vector_cosine_ops"\?/, $of_vector);
index_is('USING hnsw (embedding halfvec_cosine_ops)', qr/.*the operator class "halfvec_cosine_ops" is for halfvec, and the column "embedding" of the type vector/, $of_vector);
index_is('USING hnsw (embedding)', qr/.*hnsw has no default operator class for the type vector, so one has to be named/, $of_vector);
is(psql($db, 'SELECT count(*) FROM stele.job'), '0', 'none of these was begun');

# ------------------------------------------------------------------ an empty table

is((stele(program(migrations({%{$migrations}, 'J_a.lua' => $script})), $db, 'job', $_))[0], 0, "$_ of a table without rows") for 'run', 'verify';
like((stele(program(migrations({%{$migrations}, 'J_a.lua' => $script})), $db, 'job', 'verify'))[1], qr/^ +ok +verify\.check was called for no row: docs has none that `where` asks for$/m, '... says that nothing was checked');

# ------------------------------------------------------------------ a sample

psql($db, "INSERT INTO docs SELECT i, CASE WHEN i > 5 THEN 'title' ELSE ' ' END, 'body' FROM generate_series(1, 20) AS i; ANALYZE docs");
sub sample {
    my ($function, $exit, $said) = @_;
    my $program = program(migrations({%{$migrations}, 'J_a.lua' => $script =~ s/return row\.title/$function/r}));
    my ($status, $out, $err) = stele($program, $db, 'job', 'plan');
    is($status, $exit, "$function: plan");
    $said ? like($out . $err, $said, '... says so') : unlike($out . $err, qr/sample;|given up/, '... is fine');
    return ($out, $program);
}
sample('return row.titel', 9, qr/^ +REFUSED the script fails at all of the 20 rows of the sample; at the first: \S*J_a\.lua:8: .*titel/m);
sample('if row.id == 7 then error("seven") end return row.body', 0, qr/^ +danger +the script fails at 1 of the 20 rows of the sample; at the first of them: \S*J_a\.lua:8: seven$/m);
my ($endless) = sample('while true do end', 9, qr/^ +danger +at 5 rows of the sample the script ran into the limit of its steps: the other 15 weren't looked at$/m);
like($endless, qr/^ +REFUSED the script fails at all of the 5 rows of the sample; at the first: \S*J_a\.lua:8: .*more than 20000000 steps \(-- stele: lua-steps raises that\)$/m, '... and why');
like($endless, qr/^a: about 20 rows in 1 block, gone through by \S+(?: key)?; what it takes isn't known before it is run/m, '... nothing is estimated');
unlike($endless, qr/^ +(?:texts|table|index|WAL|time) /m, '... at all');
my ($mostly) = sample('if row.id > 5 and row.id < 15 then while true do end end return "x" .. row.body', 0, qr/^ +danger +at 5 rows of the sample the script ran into/m);
like($mostly, qr/^ +texts /m, '... what is known of the others is told');
sample('return " "', 9, qr/^ +REFUSED none of the 20 rows of the sample has a text/m);
my ($plan, $program) = sample('return row.body', 0, undef);
like($plan, qr/^ +time +not known: plan asks no provider, and pace has no rpm nor tpm; job try tells how fast it answers$/m, 'without limits, what is missing for the time is said');
unlike((stele($program, $db, 'job', 'try', '3'))[1], qr/the provider took/, 'and a try measures it; but not of the one that is built in');

# A program of jobs only has nothing that makes the ledger's schema.
my $bare = program(migrations({'J_a.lua' => "return { table = 't', key = 'id', sql = 'UPDATE t SET id = t.id FROM :batch AS b WHERE t.id = b.id' }\n"}));
my $empty = fresh_database();
psql($empty, 'CREATE TABLE t (id int PRIMARY KEY)');
my @ended = stele($bare, $empty, 'job', 'run', 'a');
is($ended[0], 9, 'a program of jobs only can run none');
like($ended[2], qr/^hint: the first migration makes the schema "stele", and this program has none: write one/m, '... and it says why');

# ------------------------------------------------------------------ an interrupt

my $long = start(program(migrations({%{$migrations}, 'J_a.lua' => "-- stele: lua-steps 900G\n" . $script =~ s/return row\.title/while true do end/r})), 'job', 'plan', '--db', url($db));
ok(wait_for($db, "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'stele' AND state = 'idle' AND state_change < clock_timestamp() - interval '1 s'"),
    'a plan whose function runs for long');
kill('INT', $long->{pid});
my ($ended, $shown, $said) = finish($long);
is($ended, 130, '... is interrupted');
like($said, qr/: error: interrupted$/m, '... and says so');
unlike($shown, qr/^a: about/m, '... without an estimate');

done_testing();
