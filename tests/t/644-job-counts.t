# What is counted: each call, whoever made it and when.

use strict;
use warnings;

use Stele::Faults;
use Stele::Jobs;
use Stele::Test;
use Test::More;

sub status { return {(worker_run($_[0], 'status'))[1] =~ /(\w+)=(\S*)/g} }

# As many as the provider has seen.
sub counted {
    my ($place, $what) = @_;
    my ($status, $stats) = (status($place), provider()->stats);
    is("$status->{calls} $status->{tokens}", "$stats->{requests} $stats->{tokens}", $what);
    return $status;
}

my $place = here(300, embed => 'max_inputs = 64, price = 1e6');
runs($place, 'a job');
my $status = counted($place, '... and each of its calls is counted, those of its verification, too');
is($status->{cost}, sprintf('%.4f', $status->{tokens}), '... and paid for');
psql($place->{db}, "UPDATE doc SET content = 'other text ' || id WHERE id <= 5; INSERT INTO doc VALUES (301, 'a new one')");
runs($place, 'a second run does what was changed since');
cmp_ok(counted($place, '... and counts that as well')->{calls}, '>', $status->{calls}, '... which are more');
is(status($place)->{rows}, 301, '... and a row counts once, however often it is written');
is((worker_run($place, 'verify'))[0], 0, 'a verification') or diag($err);
$status = counted($place, '... is counted');

# Who may only look may verify all the same.
psql($place->{db}, 'CREATE ROLE looker LOGIN; GRANT USAGE ON SCHEMA stele TO looker; GRANT SELECT ON ALL TABLES IN SCHEMA stele, public TO looker');
is((run($place->{program}, url($place->{db}, 'looker'), 'job', 'verify'))[0], 0, 'one by a role that may only look');
is(status($place)->{calls}, $status->{calls}, '... is not: it may not write');

# The limit knows of all of them; a job that is done may be paused by it, and resumed.
is((worker_run($place, 'set', 'max_cost', $status->{tokens}))[0], 0, 'a limit');
psql($place->{db}, "UPDATE doc SET content = 'once more' WHERE id = 5");
runs($place, '... that is reached by all of that', 5);
like($err, qr/it has cost [\d.]+, and max_cost is/, '... pauses the job');
is((worker_run($place, 'resume'))[0], 0, '... which may go on');
is((worker_run($place, 'set', 'max_cost', '0'))[0], 0, '... without it');
runs($place, '... and does');
compared($place, 301, '... to its end');

# ---------------------------------------------------------------------- rows

# One that is given up, and done in the end; and one that is another when it is written.
$place = here(400, embed => 'max_inputs = 64', pace => 'chunk = 100');
psql($place->{db}, "UPDATE doc SET content = 'poison' WHERE id IN (3, 300)");
provider()->control(refuse => 'poison');
runs($place, 'a job that gives up two rows');
is(join(' ', @{status($place)}{qw(rows dead)}), '398 2', '... which aren\'t written');
provider()->reset;
is((worker_run($place, 'retry'))[1], "retry=2\n", '... and are tried again');
runs($place, '... with success');
is(join(' ', @{status($place)}{qw(rows dead)}), '400 0', '... and count once');
is((worker_run($place, 'cancel'))[0], 0, 'begun anew');
psql($place->{db}, "UPDATE side SET input = 'another script'");
runs($place, '... where all that is there is of another script');
is(status($place)->{rows}, 400, '... each row counts, for this time');
psql($place->{db}, q{CREATE FUNCTION moves() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.id = 7 AND (SELECT count(*) FROM side) = 0 THEN UPDATE doc SET content = content || '!' WHERE id = 8; END IF; RETURN NEW; END $$;
    DELETE FROM side; UPDATE doc SET content = content || '?'; CREATE TRIGGER moves BEFORE INSERT ON side FOR EACH ROW EXECUTE FUNCTION moves()});
runs($place, 'rows whose vectors somebody took away, and of which one changes');
compared($place, 400, '... are done');
is(status($place)->{rows}, 800, '... which nobody has to know');

# ------------------------------------------------------------------ max_dead

# Of a job with so many rows, so many of them bad, with the script's share.
sub bad {
    my ($rows, $bad, $share) = @_;
    my $place = here($rows, pace => "max_dead = $share", text => 'function(row) return row.content:find("poison") and error("bad") or row.content end');
    psql($place->{db}, "UPDATE doc SET content = 'poison' WHERE id <= $bad");
    return $place;
}

runs(bad(50, 25, 0.01), 'half of few rows may be given up');
$place = bad(50, 26, 0.01);
runs($place, 'but not more', 5);
like($err, qr/^the job "job" is paused: 26 of 50 rows were given up, more than half \(with max_dead = 1, all may be\): job dead list lists them$/m, '... and it says so');
is((worker_run($place, 'resume'))[0], 0, 'when nothing was done about it');
runs($place, '... it is paused again', 5);
is((worker_run($place, 'resume'))[0] + (worker_run($place, 'set', 'max_dead', '1'))[0], 0, 'where all may be given up');
runs($place, '... it is done');
runs(bad(3, 3, 1), 'also where the script says so');
runs(bad(3, 3, 0), 'or has no limit');
runs(bad(3, 3, 0.9), 'all of them are more than any share', 5);
runs(bad(300, 6, 0.01), 'of many rows the share is looked at in the end, however fast it went', 5);
like($err, qr/6 of 300 rows were given up, more than max_dead allows/, '... and it says so');
like($err, qr/job dead list job shows them, each with its message; .*job dead retry job has them tried again, with job resume job, then job run job; a script .* edited needs job cancel job before/, '... and what to do')
    or diag($err);

# Rows that are done already belong to the job.
$place = bad(1000, 0, 0.01);
runs($place, 'a job');
is((worker_run($place, 'cancel'))[0], 0, '... begun anew');
psql($place->{db}, "INSERT INTO doc SELECT i, CASE WHEN i <= 1006 THEN 'poison ' ELSE 'more ' END || i FROM generate_series(1001, 1300) AS i");
runs($place, '... with 6 bad rows of 300, which are 6 of 1,300');
psql($place->{db}, "UPDATE side SET input = 'another script' WHERE id <= 900");
is((worker_run($place, 'cancel'))[0], 0, '... begun anew');
psql($place->{db}, "DELETE FROM doc WHERE id BETWEEN 1 AND 700 OR id > 1200");
runs($place, 'but not what is there of another script', 5);
like($err, qr/6 of 206 rows/, '... 200 of which are done, beside 294 that were');

done_testing();
