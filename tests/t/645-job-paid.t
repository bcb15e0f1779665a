# What was answered is written, whenever a worker is stopped: also behind a text that wasn't answered.

use strict;
use warnings;

use Stele::Faults;
use Stele::Jobs;
use Stele::Session;
use Stele::Test;
use Test::More;
use Time::HiRes qw(sleep);

# A worker of whose requests the one with that text isn't answered; it stands there when the others are.
sub stalled {
    my ($place, $answers) = @_;
    provider()->reset(silent => 'hush');
    my $worker = start($place->{program}, $place->{conninfo}, $place->{kind}{name}, 'run');
    for (1 .. 600) {
        last if provider()->stats->{good_inputs} >= $answers;
        sleep(0.1);
    }
    cmp_ok(provider()->stats->{good_inputs}, '>=', $answers, 'others are answered');
    return $worker;
}

# Into a table beside; and into a column of the table itself, whose rows are written in another order than they lie in, so that the text that isn't answered has others of its page far behind it.
my $embed = 'max_inputs = 16, timeout = "5s"';
my $beside = job(embed => $embed);
my $column = {%{$beside}, sql => $doc . "ALTER TABLE doc ADD COLUMN embedding vector(8), ADD COLUMN input bytea;\n", lua => $beside->{lua} =~ s/table = 'side', //r, vectors => 'SELECT content, embedding::text FROM doc'};
my %kinds = (beside => [$beside, 'SELECT count(*) FROM side'], column => [$column, 'SELECT count(embedding) FROM doc']);
for my $where (sort keys %kinds) {
    my ($kind, $count) = @{$kinds{$where}};
    provider()->reset;
    my $place = place($kind, rows => 2000);
    my $db = $place->{db};
    psql($db, "UPDATE doc SET content = 'hush' WHERE id = 1; CLUSTER doc USING doc_pkey");
    my $worker = stalled($place, 1984);
    ok(wait_for($db, "SELECT ($count) >= 1000"), "$where: ... and written, as many as a worker may not hold: the first one keeps none of them");
    is(psql($db, q{SELECT "cursor" IS NULL, keys[1] FROM stele.chunk WHERE kind = 0}), $where eq 'column' ? 't|{1}' : 't|', '... though nothing is done up to there');
    is((worker_run($place, 'pause'))[0], 0, 'a pause');
    is((finish($worker))[0], 5, '... ends the worker');
    my $paid = provider()->stats->{good_inputs};
    is(psql($db, $count), $paid, '... and all that was answered is written');
    is(psql($db, 'SELECT sum(rows) FROM stele.chunk'), $paid, '... and counted');
    provider()->control(silent => '');
    is((worker_run($place, 'resume'))[0], 0, 'it goes on');
    runs($place, '... to its end');
    is(provider()->stats->{repeated}, 16, '... and nothing is paid for twice, but the 16 of the verification');
    is(psql($db, 'SELECT sum(rows - again) FROM stele.chunk'), 2000, '... each row is counted once');
    compared($place, 2000, '... all is right');

    psql($db, "UPDATE doc SET content = CASE id WHEN 1 THEN 'hush, hush' ELSE 'changed ' || id END WHERE id <= 400");
    $worker = stalled($place, 384);
    kill('TERM', $worker->{pid});
    is((finish($worker))[0], 130, 'a signal in the midst of what was changed since');
    $paid = provider()->stats->{good_inputs};
    is(psql($db, 'SELECT 400 - count(*) FROM stele.dirty'), $paid, '... and all that was answered is done');
    provider()->control(silent => '');
    runs($place, 'the next run');
    is(provider()->stats->{repeated}, 0, '... pays for nothing twice');
    compared($place, 2000, '... and does the rest');

    # One that is killed in the midst of the load has no time to write: what it wrote behind the text is found by whoever takes the chunk.
    psql($db, "TRUNCATE stele.dirty; UPDATE doc SET content = 'hush' WHERE id = 1; CLUSTER doc USING doc_pkey");
    psql($db, $where eq 'column' ? 'UPDATE doc SET embedding = NULL, input = NULL; CLUSTER doc' : 'TRUNCATE side');
    is((worker_run($place, 'cancel'))[0], 0, 'given up, and begun anew');
    $worker = stalled($place, 1984);
    ok(wait_for($db, "SELECT ($count) >= 1000"), '... by one that writes what it may not hold');
    kill('KILL', $worker->{pid});
    finish($worker);
    ok(wait_for($db, "SELECT count(*) = 0 FROM pg_stat_activity WHERE datname = '$db' AND application_name LIKE 'stele%'"), '... whose last write the server ends');
    my $written = psql($db, $count);
    $paid = provider()->stats->{good_inputs};
    provider()->control(silent => '');
    psql($db, 'UPDATE stele.chunk SET lease_until = now() WHERE state = 1');
    runs($place, '... and is killed; another one takes its chunk');
    is(provider()->stats->{repeated} - 16, $paid - $written, '... and pays again for what was not written, and for nothing else');
    compared($place, 2000, '... all is right');
}

# A job that is cancelled is over, and waits for nobody; what was paid for is kept all the same, for whoever begins it anew.
provider()->reset;
my $place = here(300, embed => 'max_inputs = 16, timeout = "600s"');
my ($db, $worker) = ($place->{db});
psql($db, "UPDATE doc SET content = 'hush' WHERE id = 1");
for my $when (['as it was loaded', 'compared=284 wrong=0'], ['as it did what was changed since', 'compared=300 wrong=16']) {
    $worker = stalled($place, 284);
    is((worker_run($place, 'cancel'))[0], 0, "cancelled $when->[0]");
    is((finish($worker))[0], 9, '... with one answer to come');
    like((worker_run($place, 'compare', $place->{kind}{vectors}))[1], qr{^$when->[1]$}m, '... what was answered is written');
    provider()->control(silent => '');
    runs($place, '... and begun anew');
    is(provider()->stats->{repeated}, 16, '... it pays for nothing twice, but the 16 of the verification');
    compared($place, 300, '... all is right');
    psql($db, "UPDATE doc SET content = CASE id WHEN 1 THEN 'hush, hush' ELSE 'changed ' || id END");
}

# A worker that is killed leaves rows that are written behind where its chunk stands, and some of these are changed. A row counts once.
for my $how ([side => "by = 'key'"], [side => "by = 'blocks'"], ['column']) {
    my ($kind, $more) = @$how;
    provider()->reset;
    $place = $more ? here(2000, embed => 'max_inputs = 16, timeout = "60s"', pace => 'lease = "2s"', more => $more) : place(kind($kind), rows => 2000, pace => 'chunk = 5000');
    $db = $place->{db};
    psql($db, "UPDATE doc SET content = 'hush' WHERE id = 1");
    $worker = stalled($place, 1000);
    ok(wait_for($db, 'SELECT count(*) >= 1000 FROM ' . ($more ? 'side' : 'doc WHERE embedding IS NOT NULL')), 'rows are written behind a text that isn\'t answered');
    kill('KILL', -$worker->{pid});
    finish($worker);
    psql($db, "UPDATE doc SET content = 'changed ' || id WHERE id BETWEEN 100 AND 299");
    provider()->control(silent => '');
    runs($place, '... and what a worker that was killed there has left');
    compared($place, 2000, '... is done');
    like((worker_run($place, 'status'))[1], qr/ rows=2000 /, '... and each row counts once, also one that was changed in between');
    is((worker_run($place, 'cancel'))[0], 0, 'begun anew');
    psql($db, 'UPDATE ' . ($more ? 'side' : 'doc') . " SET input = 'another script'");
    runs($place, '... where all that is there is of another script');
    like((worker_run($place, 'status'))[1], qr/ rows=2000 /, '... each counts, for this time');
}

# A varchar that becomes a text, or another one, is the same text.
{
    provider()->reset;
    my $kind = job();
    $kind->{sql} =~ s/content text/content varchar(50)/;
    $place = place($kind, rows => 300);
    runs($place, 'a varchar is embedded');
    for my $type ('text', 'varchar(60)', 'varchar') {
        psql($place->{db}, "ALTER TABLE doc ALTER content TYPE $type");
        is((worker_run($place, 'verify'))[0], 0, "as $type, it has its vectors");
    }
    is((worker_run($place, 'cancel'))[0], 0, '... begun anew');
    provider()->reset;
    runs($place, '... it runs');
    is(provider()->stats->{good_inputs}, 16, '... and pays for nothing but the verification');
    compared($place, 300, '... all is right');
}

# ------------------------------------------------------------------ stopped, and kept from writing

# What keeps a worker from that is no reason to pause the job: those that stay wait for it to pass, and do what it had.
for my $case (['the load', 2000, 2], ['what was changed since', 400, 1]) {
    my ($what, $rows, $busy) = @{$case};
    $place = here($rows, embed => 'max_inputs = 16', pace => 'chunk = 200');
    $db = $place->{db};
    if ($busy == 1) {
        runs($place, 'a job');
        psql($db, "UPDATE doc SET content = 'changed ' || id");
        provider()->reset;
    }
    ask($db, 'BEGIN; LOCK TABLE side IN SHARE MODE');
    my @workers = start($place->{program}, $place->{conninfo}, 'job', 'run');
    ok(wait_for($db, q{SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'side'::regclass AND NOT granted)}), "$what waits for a lock");
    push(@workers, start($place->{program}, $place->{conninfo}, 'job', 'run'));
    ok(wait_for($db, "SELECT (SELECT count(*) FROM stele.worker) = 2 AND (SELECT count(DISTINCT worker) FROM stele.chunk WHERE state = 1) = $busy"), '... two workers are there');
    kill('TERM', $workers[0]{pid});
    ($exit, $out, $err) = finish($workers[0]);
    is($exit, 130, '... the one that is stopped ends, without what it had paid for') or diag($out);
    like($err, qr/^interrupted; the job "job" stays where it is, and the next run goes on; \d+ rows that it had asked the provider for are to be asked for again, since their write failed: .* \[55P03\]$/m, '... and says that');
    is(psql($db, "SELECT desired, reason, (SELECT count(*) FROM stele.worker) FROM stele.job"), 'run||1', '... the job is not paused');
    is(psql($db, 'SELECT count(*) FROM stele.chunk WHERE state = 1 AND worker NOT IN (SELECT id FROM stele.worker)'), 0, '... nor has it kept a chunk');
    ask($db, 'COMMIT');
    is((finish($workers[1]))[0], 0, '... and the other one comes to the end');
    compared($place, $rows, '... all is right');
}

# The same of failures that come by chance, each time; and of a statement that lasts: it isn't begun once more.
my %never = (
    serialization => [q{CREATE FUNCTION never() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not now' USING ERRCODE = '40001'; END $$}, 'not now \\[40001\\]', 'false'],
    time => [q{CREATE FUNCTION never() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(600); RETURN NEW; END $$}, '.* \\[57014\\]', q{pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'}],
);
for my $what (sort keys %never) {
    my ($sql, $said, $end) = @{$never{$what}};
    $place = here(300, map => q{function(row) return { content = row.content .. "!" } end});
    $db = $place->{db};
    psql($db, "$sql; CREATE TRIGGER never BEFORE UPDATE ON doc FOR EACH ROW EXECUTE FUNCTION never()");
    $worker = start($place->{program}, $place->{conninfo}, 'job', 'run');
    ok(wait_for($db, "SELECT to_regclass('stele.chunk') IS NOT NULL") && wait_for($db, 'SELECT EXISTS (SELECT FROM stele.chunk WHERE state = 1)'), "$what: a write fails, or lasts");
    if ($what eq 'time') {
        ok(wait_for($db, "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = '$db' AND clock_timestamp() - query_start > '6 s')"), '... for some time');
    }
    kill('TERM', $worker->{pid});
    psql($db, "SELECT $end" . ($what eq 'time' ? " AND datname = '$db'" : ''));
    ($exit, $out, $err) = finish($worker);
    is($exit, 130, '... a worker that is stopped ends') or diag($out);
    like($err, qr/^interrupted; .*; its last write failed, and is to be done again: $said$/m, '... and says why');
    is(psql($db, 'SELECT desired FROM stele.job'), 'run', '... the job is not paused');
    psql($db, 'DROP TRIGGER never ON doc');
    runs($place, '... so that the next run does it');
    is(psql($db, "SELECT count(*) FROM doc WHERE content LIKE '%!' AND content NOT LIKE '%!!'"), 300, '... once');
}

done_testing();
