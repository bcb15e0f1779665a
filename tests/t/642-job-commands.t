#!/usr/bin/perl
# The command job: what its verbs print, for people and machines, and exit with; several workers; signals.

use strict;
use warnings;

use JSON::PP qw(decode_json);
use Stele::Test;
use Test::More;

my $table = "CREATE TABLE doc (id bigint PRIMARY KEY, content text, loud text);\nCREATE TABLE log (id bigint);\n";
my $shout = "-- All of it louder\nreturn {\n    table = 'doc', key = 'id', read = { 'content' }, where = 'loud IS NULL',\n"
    . "    map = function(row) if row.content == 'bad' then error('too \\27[31mbad') end return { loud = row.content:upper() } end,\n}\n";
my $one = program(migrations({'001_doc.sql' => $table, 'J_shout.lua' => $shout}));
my $two = program(migrations({'001_doc.sql' => $table, 'J_shout.lua' => $shout, 'J_other job.lua' => $shout =~ s/louder/again/r}));
my $none = program(migrations({'001_doc.sql' => $table}));
my ($name) = $one =~ m{([^/]+)\z};
my ($exit, $out, $err);

sub job {
    my ($program, $database, @words) = @_;
    ($exit, $out, $err) = stele($program, $database, 'job', @words);
    return $exit;
}

sub events { return map { decode_json($_) } split(/\n/, $_[0]) }

sub database {
    my ($program, $rows) = @_;
    my $database = fresh_database();
    is((stele($program, $database, 'up'))[0], 0, 'up');
    psql($database, "INSERT INTO doc SELECT i, CASE WHEN i % 1000 = 0 THEN 'bad' ELSE 'x' || i END FROM generate_series(1, $rows) AS i; ANALYZE doc");
    return $database;
}

# ------------------------------------------------------------------- usage

my $db = database($one, 5000);
for my $verb ('list', 'run', 'status', 'plan') {
    is(job($none, $db, $verb), 2, "a program without jobs: job $verb");
    like($err, qr/^\S+: this program has no jobs\nhint: a job is a file J_name\.lua/, '... says so');
}
for my $case ([[], qr/job takes list, plan, try/], [['nonesuch'], qr/there is nothing like job "nonesuch"/], [['dead'], qr/job dead takes list or retry/], [['dead', 'x'], qr/job dead takes list or retry/],
    [['run', 'nonesuch'], qr/there is no job "nonesuch"\nhint: .* job list/], [['run', 'shuot'], qr/there is no job "shuot"; did you mean "shout"\?\nhint: .* job list/], [['run', 'shout', 'x'], qr/one argument too many: "x"/], [['list', 'shout'], qr/one argument too many: "shout"/],
    [['try', 'shout', '0'], qr/job try takes a number of rows/], [['try', 'shout', 'x'], qr/job try takes a number of rows/], [['try', '20000'], qr/job try takes a number of rows/], [['try', 'x'], qr/there is no job "x"/],
    [['set', 'shout'], qr/job set takes KNOB=VALUE/], [['set'], qr/job set takes KNOB=VALUE/], [['set', 'shout', 'write'], qr/takes KNOB=VALUE behind the job's name/], [['set', 'write'], qr/there is no job "write"/],
    [['status', 'shout', '--workers', '2'], qr/--workers has a meaning for job run only/], [['run', '--reason', 'x'], qr/--reason has a meaning for job switch, undo, pause and cancel only/],
    [['run', '--workers', '0'], qr/--workers takes a number from 1 to 64/], [['run', '--workers', '65'], qr/--workers takes a number from 1 to 64/], [['run', '--tap'], qr/--tap has no meaning for "job"/],
    [['switch', 'shout'], qr/a --reason has to be given/], [['undo'], qr/a --reason has to be given/], [['undo', '--reason', ' '], qr/a --reason has to be given/]) {
    is(job($one, $db, @{$case->[0]}), 2, "usage: job @{$case->[0]}");
    like($err, $case->[1], '... is explained');
    is($out, '', '... on stderr');
}
is(job($two, $db, 'run'), 2, 'of two jobs one has to be named');
like($err, qr/this program has 2 jobs, and one has to be named\nhint: .* job list names them/, '... it says');
is(psql($db, "SELECT to_regclass('stele.job') IS NULL"), 't', 'and nothing was done');

# ---------------------------------------------------------------- list, status

is(job($two, $db, 'list'), 0, 'list') or diag($err);
like($out, qr/^  other job +J_other job\.lua +All of it again\n  shout +J_shout\.lua +All of it louder\n\z/, '... names, files, comments');
is(job($two, $db, 'list', '--json'), 0, 'for machines');
is_deeply([events($out)], [{event => 'job', job => 'other job', file => 'J_other job.lua', what => 'All of it again'}, {event => 'job', job => 'shout', file => 'J_shout.lua', what => 'All of it louder'},
    {event => 'result', status => 0}], '... the same');
is(job($two, $db, 'status'), 0, 'status of all') or diag($err);
is($out, "other job: not run yet\nshout: not run yet\n", '... a line each');
is(job($one, $db, 'knobs'), 0, 'knobs') or diag($err);
like($out, qr/^  write  +100ms +default +\S/m, '... with where they come from, and what they are');
my $first = start($one, 'job', 'watch', '--db', url($db));
ok(printed($first, qr/^shout: not run yet \| waits for its first run \(job run\)\n\z/), 'who watches a job that was never run waits');
is(job($one, $db, 'pause'), 9, 'what was never run can\'t be paused');
like($err, qr/error: the job "shout" was never run\nhint: /, '... it says');

# ----------------------------------------------------------------------- run

is(job($one, $db, 'run', '--workers', '3'), 0, 'three workers') or diag($err);
like($out, qr/^shout is done: 4,995 rows written, 5 given up \(job dead list\)\n\z/m, '... do all of it');
is(psql($db, "SELECT count(*) FILTER (WHERE loud = upper(content)), count(*) FILTER (WHERE loud IS NULL) FROM doc"), '4995|5', '... each row');
my ($watched, $lines) = finish($first);
is($watched, 0, '... and who watched since before it is told');
like($lines, qr/\Ashout: not run yet .*\n(?!shout: not run yet)(?:.*\n)*shout: done \| 100 %.*\n\z/, '... once that it waited, and of the end');
is(psql($db, 'SELECT count(*) FROM stele.worker'), '0', '... and leave');
is(job($one, $db, 'run'), 0, 'once more');
like($out, qr/^shout is done: 4,995 rows written, 5 given up \(job dead list\); it was done at [-\d]{10} [:\d]{8} UTC, and what came since isn't looked at \(follow = "none"\): job cancel shout, then job run shout, goes through all of it once more\n\z/m,
    '... there is nothing to do, and it looks for nothing');
is(job($one, $db, 'status'), 0, 'status') or diag($err);
like($out, qr/^shout: done\n  rows +4,995 written, of about 5,000; 100 % gone through\n  to do +5 given up \(job dead list\), 0 to be done again\n  workers +0\n  time +read \d+ %, write \d+ %, wait \d+ %\n  server +[\d,]+ dead row versions/, '... in full');
is(job($one, $db, 'status', '--json'), 0, 'for machines');
my ($report, $result) = events($out);
is(join(' ', map { $_ // '' } @{$report}{qw(event job state paused fraction rows dead dirty expected workers seconds_left)}), 'job shout done 0 1 4995 5 0 5000 0 -1', '... as a number each');
is($result->{event}, 'result', '... with an end');
is(job($one, $db, 'watch'), 0, 'watch ends at once, when it is done');
like($out, qr/^shout: done \| 100 %, 4,995 rows .*\n\z/, '... with the line');
is(job($one, $db, 'run', '--json'), 0, 'run for machines');
is(join(' ', map { $_->{event} } events($out)), 'job job result', '... states, and the result');
is(job($one, $db, 'run', '-q'), 0, 'quiet');
is($out, '', '... says nothing');

# ---------------------------------------------------------------------- dead

is(job($one, $db, 'dead', 'list'), 0, 'dead list') or diag($err);
like($out, qr/^  1000  map lua  \S*J_shout\.lua:\d+: .*too \xEF\xBF\xBD\[31mbad.*  \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ\n(?:.*\n)*5 rows were given up\n\z/m, '... says why');
unlike($out, qr/\e/, '... and what comes from elsewhere can\'t steer a terminal');
is(job($one, $db, 'dead', 'list', '--json'), 0, 'for machines');
my @dead = grep { $_->{event} eq 'dead' } events($out);
is(join(' ', map { "$_->{key}/$_->{stage}/$_->{code}/$_->{attempts}" } sort { $a->{key} <=> $b->{key} } @dead), join(' ', map { $_ * 1000 . '/map/lua/1' } 1 .. 5), '... with all that is known');
psql($db, "UPDATE doc SET content = 'good' WHERE content = 'bad'");
is(job($one, $db, 'dead', 'retry', 'nix'), 0, 'of a code that none has');
is($out, qq(no row was given up with the code "nix"; there are: lua\n), '... none, and it names those that there are');
is(job($one, $db, 'dead', 'retry', 'shout', 'lua', '--json'), 0, 'of a code') or diag($err);
is_deeply([events($out)], [{event => 'retried', rows => 5}, {event => 'result', status => 0}], '... all of them');
is(job($one, $db, 'run'), 0, 'the next run does them') or diag($err);
is(psql($db, "SELECT count(*) FROM doc WHERE loud IS NULL"), '0', '... all');
is(job($one, $db, 'dead', 'list'), 0, 'and the list');
is($out, "0 rows were given up\n", '... is empty');
is(job($one, $db, 'dead', 'retry', 'shout'), 0, 'then nothing can be retried');
is($out, "no row was given up: there is nothing to be tried again\n", '... it says');
is(job($one, $db, 'dead', 'retry', 'shout', 'lua'), 0, 'nor of a code');
is($out, qq(no row was given up with the code "lua", nor with another: there is nothing to be tried again\n), '... it says, too');

# ---------------------------------------------------- pause, resume, cancel, set

$db = database($two, 3000);
my $slow = start($two, 'job', 'run', 'shout', '--workers', '2', '--db', url($db));
ok(wait_for($db, "SELECT to_regclass('stele.worker') IS NOT NULL"), 'a job begins');
finish($slow);
psql($db, "UPDATE doc SET loud = NULL");
is(job($two, $db, 'cancel', 'shout'), 0, 'cancel') or diag($err);
like($out, qr/^shout is cancelled/, '... says so');
is(job($two, $db, 'set', 'shout', 'write_rows=5', 'chunk=50', 'nice=100', 'lease=1h'), 0, 'set') or diag($err);
is($out, "write_rows is 5\nchunk is 50\nnice is 100\nlease is 1h\n", '... says what');
is(job($two, $db, 'set', 'shout', 'lease=', 'wrte=5ms'), 2, 'a knob that is none');
like("$out$err", qr/^lease is what the script says\n.*error: there is no knob "wrte"/s, '... up to there');
$slow = start($two, 'job', 'run', 'shout', '--workers', '2', '--db', url($db));
ok(wait_for($db, "SELECT (SELECT count(*) FROM doc WHERE loud IS NOT NULL) BETWEEN 1 AND 2000 AND (SELECT count(*) = 2 FROM stele.worker)"), 'it goes slowly');
is(job($two, $db, 'status', 'shout', '--json'), 0, 'status meanwhile');
($report) = events($out);
is("$report->{state} $report->{workers}", 'load 2', '... of two workers');
is(psql($db, q{SELECT count(DISTINCT name), bool_and(name ~ '^[^ ]+ [0-9]+ #[0-9]+$'), count(DISTINCT split_part(name, ' ', 2)) FROM stele.worker}), '2|t|1', '... of one process, whose names differ');
ok($report->{fraction} > 0 && $report->{fraction} < 1, "... between all and nothing: $report->{fraction}");
my $watch = start($two, 'job', 'watch', 'shout', '--db', url($db));
ok(printed($watch, qr/\n/), 'a watch tells how far it is');
is(job($two, $db, 'pause', 'shout'), 0, 'pause') or diag($err);
is($out, "shout is paused: its workers write what is paid for, and stop within a second or two\n", '... tells what its workers do');
($exit, $out, $err) = finish($slow);
is($exit, 5, 'the run is paused');
like($err, qr/error: the job "shout" was paused by postgres\@\S+ with \S+, [-\d]+ [:\d]+ UTC\nhint: when the cause is gone: job resume shout, then job run shout\n\z/, '... and says by whom, once');
($exit, $out, $err) = finish($watch);
is($exit, 5, 'so is the watch');
like($out, qr/^shout: load \| \d.*\nshout: load, paused \| .* \| paused by postgres\@[^|\n]+ UTC\n\z/s, '... which says so, too');
is(job($two, $db, 'run', 'shout'), 5, 'a paused job isn\'t run');
psql($db, "INSERT INTO stele.dead (job, key, stage, code, message, attempts) SELECT id, ARRAY[k], 'map', 'lua', '', 1 FROM stele.job, unnest('{7,8}'::text[]) AS k");
is(job($two, $db, 'dead', 'retry', 'shout'), 0, 'rows that were given up may be retried') or diag($err);
like($out, qr/^\d+ rows are tried again: when the job goes on, which is paused \(job resume shout, then job run shout\)$/, '... when it goes on, and it says how');
is(job($two, $db, 'pause', 'shout', '--reason', 'the disk is full'), 0, 'a reason can be given') or diag($err);
is($out, "shout is paused: nobody works at it, and job run won't before job resume\n", '... nobody is at it, and so nobody has to stop');
is(job($two, $db, 'status', 'shout'), 0, '... and is told');
like($out, qr/paused by postgres\@.* UTC: the disk is full$/m, '... behind who it was');
is(job($two, $db, 'resume', 'shout'), 0, 'resume') or diag($err);

# -------------------------------------------------------------------- signals

for my $signal (['INT', 130], ['TERM', 143]) {
    my $before = psql($db, 'SELECT count(*) FROM doc WHERE loud IS NOT NULL');
    $slow = start($two, 'job', 'run', 'shout', '--workers', '3', '--json', '--db', url($db));
    ok(wait_for($db, "SELECT count(*) > $before FROM doc WHERE loud IS NOT NULL"), 'it goes on') or last;
    kill($signal->[0], $slow->{pid});
    ($exit, $out, $err) = finish($slow);
    is($exit, $signal->[1], "SIG$signal->[0] ends it");
    my @events = events($out);
    is($events[-1]{status}, $signal->[1], '... with that status');
    is(scalar(grep { $_->{event} eq 'error' } @events), 1, '... told once');
    is(psql($db, 'SELECT state, desired, (SELECT count(*) FROM stele.worker), (SELECT count(*) FROM stele.chunk WHERE state = 1) FROM stele.job'), 'load|run|0|0', '... and nothing stays claimed');
}
$slow = start($two, 'job', 'watch', 'shout', '--db', url($db));
ok(printed($slow, qr/\n/), 'a watch is at it');
kill('INT', $slow->{pid});
is((finish($slow))[0], 130, 'a watch can be interrupted');

psql($db, q{UPDATE stele.job SET knobs = knobs || jsonb_build_object('wriet', '80ms', 'a=b', null, '', 1, repeat('x', 100), 'y')});
is(job($two, $db, 'set', 'shout', 'wriet=', 'a=b=', '=', 'x' x 100 . '='), 0, 'what was set in psql and is no knob can be taken away') or diag($err);
is(psql($db, "SELECT knobs ?| ARRAY['wriet', 'a=b', '', repeat('x', 100)], knobs ? 'chunk' FROM stele.job"), 'f|t', '... and is gone');
is(job($two, $db, 'set', 'shout', 'wriet='), 2, '... which can\'t be done twice');
is(job($two, $db, 'set', 'shout', 'nice=', 'write_rows=', 'chunk='), 0, 'fast again') or diag($err);
is(job($two, $db, 'run', 'shout', '--workers', '2'), 0, 'and to its end') or diag($err);
is(psql($db, "SELECT count(*) FROM doc WHERE loud = upper(content)"), '2997', 'each row is done');

# -------------------------------------------------------------- what goes wrong

is(job($one, 'nonesuch', 'status'), 3, 'no connection');
my $newer = program(migrations({'001_doc.sql' => $table, '002_more.sql' => "SELECT 1;\n", 'J_shout.lua' => $shout}));
is(job($newer, $db, 'run'), 5, 'pending migrations come first');
like($err, qr/hint: apply the migrations first/, '... it says');
my $missing = program(migrations({'001_doc.sql' => $table, '002_more.sql' => "CREATE TABLE more (id int PRIMARY KEY, content text, loud text);\n", 'J_shout.lua' => $shout =~ s/"doc"/"more"/r =~ s/'doc'/'more'/r}));
is(job($missing, $db, 'plan'), 9, 'a plan of one whose table isn\'t there yet');
like($err, qr/^[^:]+: error: the job "shout" can't be run like this: migrations are pending$/m, '... says that first, and not where the table stands in the script');
my $said = program(migrations({'001_doc.sql' => $table, 'J_shout.lua' => "-- Said otherwise\n$shout"}));
is(job($said, $db, 'verify'), 0, 'a script with other comments is the same one') or diag($err);
my $other = program(migrations({'001_doc.sql' => $table, 'J_shout.lua' => $shout =~ s/upper/lower/r}));
psql($db, "UPDATE stele.job SET state = 'load'");
is(job($other, $db, 'run'), 9, 'another script');
like($err, qr/error: the job "shout" was begun with another script\ndetail: - .*upper.*\n +\+ .*lower/, '... is refused, with the difference');
like($err, qr/^hint: .* \(job cancel shout\), then job run shout with this one: it goes through the table anew, and does all that `where` asks for$/m, '... and what it would do: no provider is paid');
is(job($other, $db, 'verify'), 9, '... a verification as well');
is($out, '', '... checks nothing');
like($err, qr/error: the job "shout" was begun with another script\ndetail: - .*upper.*\n +\+ .*lower/, '... and says why');

# ------------------------------------------------------------------- the end of one without a switch

{
    my $follows = program(migrations({'001_doc.sql' => $table, 'J_shout.lua' => $shout =~ s/where = .*\n/follow = 'trigger',\n/r}));
    my $followed = fresh_database();
    my $left = "SELECT (SELECT count(*) FROM pg_trigger WHERE tgrelid = 'doc'::regclass), (SELECT count(*) FROM stele.dirty)";
    stele($follows, $followed, 'up');
    is(job($follows, $followed, 'finish', 'shout'), 9, 'a job that was never run is not finished');
    psql($followed, "INSERT INTO doc SELECT i, 'x' FROM generate_series(1, 10) AS i");
    is(job($follows, $followed, 'run', 'shout'), 0, 'without a switch, and with triggers, it is done by itself') or diag($err);
    psql($followed, "UPDATE stele.job SET state = 'verify'");
    is(job($follows, $followed, 'finish', 'shout'), 9, '... but not finished before');
    like($err, qr/can't be finished.*^hint: only what is done is finished: job run shout goes on until then/ms, '... which is told');
    psql($followed, "UPDATE stele.job SET state = 'done'; INSERT INTO doc VALUES (11, 'y')");
    is(psql($followed, $left), '4|1', '... it notes what is changed since');
    my $moved = psql($followed, 'SELECT moved FROM stele.job');
    is(job($follows, $followed, 'finish', 'shout'), 0, '... until it is finished') or diag($err);
    is($out, "shout is finished\n", '... of one without a switch nothing is said of a way back');
    is(psql($followed, $left), '0|0', '... then there are no triggers, and no notes');
    is(psql($followed, "SELECT state, moved = '$moved' FROM stele.job"), 'done|t', '... and it is done since it was');
    psql($followed, "INSERT INTO doc VALUES (12, 'z')");
    is(job($follows, $followed, 'run', 'shout'), 0, '... a run after that') or diag($err);
    is(psql($followed, $left), '0|0', '... makes none anew');
    is(job($follows, $followed, 'finish', 'shout'), 0, '... and finishing it again does no harm');
}

# ------------------------------------------------------------------- one that would feed itself

{
    my $more = "return { table = 'doc', key = 'id', read = { 'content' }, follow = 'trigger', map = function(row) return { content = row.content .. '!' } end }\n";
    my ($feeds, $once) = map { program(migrations({'001_doc.sql' => $table, 'J_shout.lua' => $_})) } $more, $more =~ s/follow = 'trigger', //r;
    my $fed = fresh_database();
    stele($feeds, $fed, 'up');
    psql($fed, "INSERT INTO doc SELECT i, 'x' FROM generate_series(1, 10) AS i");
    for my $verb ('try', 'run') {
        is(job($feeds, $fed, $verb, 'shout'), 9, "$verb of a map that writes what it reads, and is followed");
        like($err, qr/map returned the column "content", which is in read.*^hint: .*leave follow out/ms, '... is refused, and it says why');
    }
    is(psql($fed, "SELECT count(*) FROM doc WHERE content <> 'x'") . psql($fed, 'SELECT count(*) FROM stele.dead'), '00', '... nothing is written, and no row was given up');
    is(job($feeds, $fed, 'cancel', 'shout'), 0, '... and can be cancelled') or diag($err);
    is(job($once, $fed, 'run', 'shout'), 0, 'without follow it runs') or diag($err);
    is(psql($fed, "SELECT count(*) FROM doc WHERE content = 'x!'"), '10', '... and each row is done once');
}

# ---------------------------------------------------------------- nothing to verify

{
    my $plain = database($one, 100);
    psql($plain, 'DELETE FROM doc WHERE id > 1');
    is(job($one, $plain, 'run'), 0, 'a job without verify') or diag($err);
    like($out, qr/^shout is done: 1 row written\n/m, '... of one row');
    is(job($one, $plain, 'verify'), 0, '... is verified') or diag($err);
    is($out, "nothing is checked: the script has no `verify` (`zero` or `check`)\n", '... which is to say that nothing is checked');
    psql($plain, "UPDATE stele.job SET state = 'load', desired = 'pause', planned = false, expected = 400");
    is(job($one, $plain, 'verify'), 0, '... when it is paused, too');
    like($out, qr/^nothing is checked: .*; the job is paused, at [\d.]+ %\n\z/, '... how far it is, is told');
}

# ------------------------------------------------------------ a slip of the pen in SQL

my $statement = "return { table = 'doc', key = 'id', sql = [[UPDATE doc d SET loud = upper(d.content) || :k FROM :batch b WHERE d.id = b.id]], bind = { k = '!' } }\n";
for my $slip ([$shout =~ s/loud IS NULL/loud IS NUL/r, 'where', qr/syntax error at or near "NUL"/], [$shout =~ s/loud IS NULL/lout IS NULL/r, 'where', qr/column "lout" does not exist/],
    [$statement =~ s/SET loud/SAT loud/r, 'sql', qr/syntax error at or near "SAT"/], [$shout =~ s/return \{/return { pace = { stop_when = 'SELECT tru' },/r, 'stop_when', qr/column "tru" does not exist/], [$statement =~ s/:k FROM/:kk || :k FROM/r, 'sql', qr/syntax error at or near ":"/]) {
    my ($lua, $key, $like) = @{$slip};
    my $wrong = program(migrations({'001_doc.sql' => $table, 'J_shout.lua' => $lua}));
    $db = database($one, 100);
    is(job($wrong, $db, 'plan'), 9, "a plan of a script with a slip in `$key`") or diag($err);
    like($err, qr/J_shout\.lua:\d+:\d+: error: .*in `$key`: $like/, '... says where');
    is(job($wrong, $db, 'run'), 9, '... a run refuses it');
    like($err, qr/J_shout\.lua:\d+:\d+: error: in `$key`: $like/, '... and says where');
    is(psql($db, 'SELECT count(*) FROM stele.job'), '0', '... before it is begun');
    is(job($key eq 'sql' ? program(migrations({'001_doc.sql' => $table, 'J_shout.lua' => $statement})) : $one, $db, 'run'), 0, '... so that the right one runs') or diag($err);
    is(psql($db, 'SELECT count(*) FROM doc WHERE loud IS NOT NULL'), '100', '... to its end');
}

# ------------------------------------------------------------------ a brake that breaks

# A condition that ends its own session, set with SQL: nobody could refuse it.
$db = database($one, 1000);
my $breaks = "stop_when = 'SELECT pg_terminate_backend(pg_backend_pid())'";
is(job(program(migrations({'001_doc.sql' => $table, 'J_shout.lua' => $shout =~ s/return \{/return { pace = { $breaks },/r})), $db, 'run'), 3, 'a script whose stop_when ends its session');
like($err, qr/error: the connection was lost while stop_when was asked: terminating.*^hint: .*the query that ends its own session/ms, '... is told as that');
my $nice = program(migrations({'001_doc.sql' => $table, 'J_shout.lua' => $shout =~ s/return \{/return { pace = { write_rows = 5, chunk = 50, nice = 100 },/r}));
$slow = start($nice, 'job', 'run', '--db', url($db));
ok(wait_for($db, 'SELECT count(*) > 0 FROM doc WHERE loud IS NOT NULL'), 'a worker is at work');
psql($db, q(UPDATE stele.job SET knobs = '{"stop_when": "SELECT pg_terminate_backend(pg_backend_pid())"}'));
($exit, $out, $err) = finish($slow);
is($exit, 5, 'when it is set with SQL, it pauses the job') or diag($err);
like($err, qr/error: the job "shout" is paused: stop_when ends the session in which it is asked: set another \(job set\), such as SELECT false$/m, '... which says why, and what helps');
is(psql($db, 'SELECT desired FROM stele.job'), 'pause', '... for all workers');
is(job($one, $db, 'set', 'shout', 'stop_when=SELECT false', 'write_rows=2000', 'chunk=5000', 'nice=0'), 0, 'it is taken away') or diag($err);
is(job($one, $db, 'resume'), 0, '... and resumed') or diag($err);
is(job($nice, $db, 'run'), 0, '... and the next run goes on to the end') or diag($err);
is(psql($db, 'SELECT count(*) FROM doc WHERE loud IS NULL'), '1', '... with all rows');

# ----------------------------------------------------------------- secrets

# The server quotes what it is given: no more of it than that is seen anywhere.
{
    my $sql = "CREATE FUNCTION tell(k text) RETURNS text LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no %'', k USING ERRCODE = ''42501'', DETAIL = ''D '' || k, HINT = ''H '' || k; END';\n";
    my $leak = "return { table = 'doc', key = 'id', pace = { max_dead = 1 }, sql = [[UPDATE doc SET loud = CALL FROM :batch b WHERE doc.id = b.id]], bind = { k = secret 'LEAK' } }\n";
    my $leaks = program(migrations({'001_doc.sql' => $table . $sql, 'J_row.lua' => $leak =~ s/CALL/:k::text::int::text/r, 'J_stop.lua' => $leak =~ s/CALL/tell(:k)/r}));
    my %shown = ('HUSH-my-dear "one"' => qr/integer: "\*\*\*"/, 'HUSH' => qr/integer: "\*\*\*"/, 'HU"' => qr/\(not shown: a secret may stand in it\)/);
    for my $value (sort keys %shown) {
        local $ENV{LEAK} = $value;
        my $secret = database($leaks, 3);
        my $said = '';
        for my $words (['try', 'row'], ['try', 'stop'], ['run', 'row'], ['dead', 'list', 'row'], ['run', 'stop'], ['status', 'stop'], ['status', 'stop', '--json']) {
            job($leaks, $secret, @{$words});
            unlike("$out$err", qr/HU/, "a secret of " . length($value) . " characters isn't in what job @{$words} prints");
            $said .= $out . $err;
        }
        like($said, $shown{$value}, '... which shows the rest');
        my $kept = psql($secret, 'SELECT string_agg(d::text, chr(10)) FROM stele.dead AS d; SELECT string_agg(j::text, chr(10)) FROM stele.job AS j');
        unlike($kept, qr/HU/, '... nor in a table');
        like($kept, qr/22P02/, '... where it stands why rows were given up');
        like($kept, qr/a write failed: .*\[42501\]/, '... and why it was paused');
    }
}

# ------------------------------------------------------- what is known beforehand, and what to do next

{
    my $sql = program(migrations({'001_doc.sql' => $table, 'J_copy.lua' => "return { table = 'doc', key = 'id', where = 'loud IS NULL', sql = 'UPDATE doc SET loud = content FROM :batch AS b WHERE doc.id = b.id',\n"
        . "    verify = { zero = [[SELECT count(*) FROM doc WHERE content = 'bad']] } }\n"}));
    my $plain = database($sql, 1000);
    psql($plain, "UPDATE doc SET loud = 'done' WHERE id % 4 <> 0; ANALYZE doc");
    is(job($sql, $plain, 'plan'), 0, 'a plan of a statement') or diag($err);
    like($out, qr/^copy: about 250 rows in \d+ blocks, gone through by its key; what it takes isn't known before it is run: job try shows what it does\n\z/, '... tells that it knows nothing');
    is(job($sql, $plain, 'run'), 9, 'a verification that fails');
    like($err, qr/hint: job verify copy lists all checks; when the cause is gone, job resume copy, then job run copy, checks again; rows that nobody noted are done by job cancel copy, then job run copy, which/, '... says how to go on');
    is(psql($plain, 'SELECT expected FROM stele.job'), '250', '... of those rows that where asks for');
    is(job($sql, $plain, 'verify'), 9, '... and one by hand');
    like($err, qr/hint: put right what the checks that failed tell; job verify copy then checks again/, '... as well');
    psql($plain, "UPDATE stele.job SET state = 'load'");
    is(job($sql, $plain, 'verify'), 9, '... one of a job that is not so far');
    like($err, qr/hint: the job is in state "load", and what it hasn't made yet is missing: job run copy goes on/, '... is told so');
    psql($plain, "UPDATE stele.job SET state = 'verify'");
    is(job($sql, $plain, 'plan'), 0, 'a plan where all is done');
    like($out, qr/^copy: about 0 rows in \d+ blocks, gone through by its key; there is nothing to be done\n\z/, '... says so');
    psql($plain, "UPDATE stele.job SET state = 'done', desired = 'run'");
    is(job($sql, $plain, 'verify'), 9, 'a verification of a job that is done');
    like($err, qr/^hint: put right what the checks that failed tell; job verify copy then checks again; job cancel copy, then job run copy, goes through all of the table once more$/m, '... knows that there is nothing to resume');
    psql($plain, "UPDATE stele.job SET state = 'verify', desired = 'pause'");
    psql($plain, "DELETE FROM doc WHERE content = 'bad'");
    is(job($sql, $plain, 'resume') + job($sql, $plain, 'status'), 0, 'the job is resumed');
    like($out, qr/^copy: verify\n(?:.*\n)*  workers +0: job run goes on with it\n/, '... that nobody works at it is told');
    my $watch = start($sql, 'job', 'watch', '--db', url($plain));
    ok(printed($watch, qr/^copy: verify \|.*\| no worker \(job run\)$/m), '... also to who watches');
    is(job($sql, $plain, 'run'), 0, 'the job is done');
    is((finish($watch))[0], 0, '... and the watch over');
    is(job($sql, $plain, 'undo', '--reason', 'x'), 9, 'what has no switch has no way back');
    like($err, qr/hint: its script has no `switch`, and so there is nothing to undo: what it wrote stays\n/, '... it is said');
}

# ------------------------------------------------------- too many workers for the server

psql('postgres', 'CREATE ROLE narrow642 LOGIN CONNECTION LIMIT 2; GRANT postgres TO narrow642');
($exit, $out, $err) = run($one, 'job', 'run', 'shout', '--workers', '3', '--db', url($db, 'narrow642'));
is($exit, 3, 'a server without a connection for one of the workers');
like($err, qr/: error: worker 3 of 3 got no connection: .*too many connections for role "narrow642"/, '... it says which worker');
like($err, qr/^hint: each worker takes a connection, one more while an index is built, .*: 3 take up to 6; no worker was begun, and what was done before isn't lost: run it with fewer --workers/m, '... and how many are needed');

done_testing();
