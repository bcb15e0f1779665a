#!/usr/bin/perl
# What an edit of a job's script costs: nothing where it makes no vector another one; else it is refused while the job runs, with the difference, and is paid for when it is begun anew.

use strict;
use warnings;

use Stele::Test;
use Test::More;

my $table = "CREATE EXTENSION vector;\nCREATE TABLE doc (id bigint PRIMARY KEY, content text);\nCREATE TABLE side (id bigint PRIMARY KEY, input bytea NOT NULL, v vector(8) NOT NULL);\n";
my $script = <<'END';
local function clean(text) return text:lower() end
return {
    table = 'doc', key = 'id', read = 'content', by = 'key',
    embed = fixed { model = parameter 'model', dimensions = 8, price = 1 },
    text = function(row) return clean(row.content) end,
    into = { table = 'side', vector = 'v', hash = 'input' },
    index = 'USING hnsw (v vector_cosine_ops)',
    pace = { write = '50ms' }, verify = { distinct = 1 },
    switch = {},
}
END
my ($db, $exit, $out, $err) = fresh_database();

# Run a verb of the job, with the script as it is after some replacements.
sub job {
    my ($verb, @edits) = @_;
    my $text = $script;
    while (my ($from, $to) = splice(@edits, 0, 2)) {
        $text =~ s/\Q$from\E/$to/ or die "no $from\n";
    }
    my $program = program(migrations({'001_doc.sql' => $table, 'stele.conf' => "parameter model literal run letters\n", 'J_e.lua' => $text}));
    ($exit, $out, $err) = stele($program, $db, ref $verb ? @{$verb} : ('job', $verb, 'e'));
    return $exit;
}

# Begin it anew: how many rows were asked for and written.
sub anew {
    job('cancel');
    return job('run', @_) == 0 ? psql($db, "SELECT sum(rows) FROM stele.chunk") : "$exit $err";
}

is(job(['up']), 0, 'up') or diag($err);
psql($db, "INSERT INTO doc SELECT i, 'Text ' || i FROM generate_series(1, 10) AS i");
is(job('run'), 0, 'run') or diag($err);
is(psql($db, 'SELECT script FROM stele.job'), "local function clean(text) return text:lower() end\nreturn {\ntext = function(row) return clean(row.content) end\n}\n", 'what makes a result is kept') or diag($out);

is(job('status'), 0, 'status');
like($out, qr/, cost 0\.0000[1-9]\d?$/m, 'a small cost has as many digits as it takes');
is(job(['check', '-D', 'model=words']), 9, 'a program with another value of a parameter that a script with a switch names');
like($err, qr/^hint: run the program with the value .*; or, where the switch of the job "e" did that, job undo e --reason TEXT takes it back; or, when .* repair set model=words/m, '... is told of the job, and of the way back') or diag($err);

# ------------------------------------------------------- what makes no vector another one

my @beside = ("write = '50ms'", "write = '70ms', rpm = 9", 'distinct = 1', 'distinct = 0.9, norm = { 0.5, 2 }', 'price = 1', 'price = 2, max_inputs = 7', 'switch = {}', "switch = {}, metric = 'l2', space = 'other'",
    'local function', "-- lower case\nlocal function");
is(job('run', @beside), 0, 'pace, checks, price, switch and labels are edited: the job goes on') or diag($err);
is(job('knobs', @beside), 0, 'knobs');
like($out, qr/^ +write +70ms +script/m, '... and they are taken up');
is(job('verify', @beside), 0, 'verify');
like($out, qr/norm|length/, '... as are the checks') or diag($out);
is(anew(@beside), '0', 'begun anew it finds all rows done');

my @index = ('hnsw (v vector_cosine_ops)', 'hnsw (v vector_l2_ops)');
is(psql($db, "SELECT count(*) FROM pg_indexes WHERE indexdef LIKE '%vector_l2_ops%'"), '0', 'no index with other operators');
is(job('run', @index), 0, 'another index, of a job that is ready') or diag($err);
is(psql($db, "SELECT count(*) FROM pg_indexes WHERE indexdef LIKE '%vector_l2_ops%'"), '1', '... is built by the next run');
is(psql($db, 'SELECT state, (SELECT sum(rows) FROM stele.chunk) FROM stele.job'), 'ready|0', '... and nothing else is done');
is(job('run', @index, 'switch = {},', ''), 0, 'without a switch') or diag($err);
is(psql($db, 'SELECT state FROM stele.job'), 'done', '... what is ready is done');

# ---------------------------------------------------------- what makes another one

is(anew(), '0', 'begun anew, with the first script');
my @function = ('clean(row.content)', 'row.content', "write = '50ms'", "write = '60ms'");
is(job('run', @function), 9, 'another function, and another pace');
like($err, qr/ the job "e" was begun with another script\ndetail: - text = function\(row\) return clean\(row\.content\) end\n +\+ text = function\(row\) return row\.content end\nhint: .* and embeds all of it again$/m,
    '... is refused, with the difference of what counts') or diag($err);
is(anew(@function), '10', '... and paid for, begun anew');
is(anew(@function), '0', '... once');
is(job('run', @function, 'text:lower()', 'text:upper()'), 9, 'another function beside the table counts');

is(job(['repair', 'set', 'model=words', '--reason', 'another one'], @function), 0, 'another model, of a parameter') or diag($err);
is(job('run', @function), 9, '... is refused');
like($err, qr/another table, model or destination\ndetail: - model: letters\n +\+ model: words\nhint: .* and embeds all of it again$/m, '... with the difference');
is(anew(@function), '10', '... and is paid for');

# Another order makes no other vector, but can't be changed on the way.
is(job('run', @function, "by = 'key'", "by = 'blocks'"), 9, 'another order');
like($err, qr/detail: - by: key\n +\+ by: blocks\nhint: .* isn't done again$/m, '... is refused, and costs nothing');
is(job('run', @function, 'embed = fixed {', 'embed = http { url = "http://127.0.0.1:1/v1",'), 9, 'a provider that is paid');
like($err, qr/^hint: .* and pays for it again$/m, '... would be paid for all of it');
is(anew(@function, "by = 'key'", "by = 'blocks'"), '0', '... begun anew');

# ------------------------------------------------------- tables that a program of an earlier version made

psql($db, 'ALTER TABLE stele.job DROP fresh, DROP since; ALTER TABLE stele.worker DROP reserved');
is(job('status'), 9, 'tables of jobs that lack what came later');
like($err, qr/^hint: the tables of jobs in the schema "stele" are those of an older version of this program: the next job run brings them up to date$/m, '... are told of') or diag($err);
is(job('cancel'), 0, 'cancelled all the same') or diag($err);
is(job('run'), 0, '... the next run brings them up to date') or diag($err);
is(job('status'), 0, '... and all is well') or diag($err);

done_testing();
