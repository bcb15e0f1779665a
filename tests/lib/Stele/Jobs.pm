package Stele::Jobs;

# Jobs that are run while somebody does them harm.
#
#     my $kind = kind('side');                      # a table, a job over it, somebody who writes, and what must be true in the end
#     my $place = place($kind, rows => 3000);       # a database with it
#     my $crew = crew($place, 3);                   # three workers, each started anew when it dies
#     ... harm ...
#     my @wrong = (finished($crew), right($place)); # nothing, when all is well
#
# The driver is tests/programs/worker.c; it has the jobs of all kinds.

use strict;
use warnings;

use Exporter qw(import);
use POSIX qw(:sys_wait_h);
use Stele::Provider;
use Stele::Proxy qw(proxy_path);
use Stele::Session;
use Stele::Test;
use Time::HiRes qw(sleep time);

our @EXPORT = qw(kind kinds place worker_program crew tend stop_crew finished right writer stop_writer worker_run provider disturb dirty_left begun longest);

my ($provider, %programs);

sub provider { return $provider ||= Stele::Provider->new }

# ------------------------------------------------------------------ the kinds

my $doc = <<'SQL';
CREATE TABLE doc (id bigint PRIMARY KEY, content text NOT NULL, seen int NOT NULL DEFAULT 0);
INSERT INTO doc SELECT i, 'text ' || i FROM generate_series(1, ROWS) AS i;
SQL
my $side = "CREATE TABLE side (id bigint PRIMARY KEY, input bytea NOT NULL, embedding vector(8));\n";
my $embed = 'embed = http { url = "URL", model = "m", dimensions = 8, send_dimensions = true, max_inputs = 16 }';
my $pace = 'pace = { lease = "2s", chunk = 300, write_rows = 100, write = "50ms", lag = "0s" PACE }';

# What somebody else does meanwhile, as SQL of $low, a key, and $new, a text that was never there.
my %writes = (
    doc => sub {
        my ($low, $new) = @_;
        return one("UPDATE doc SET content = '$new ' || id WHERE id BETWEEN $low AND $low + 5", "UPDATE doc SET seen = seen + 1 WHERE id BETWEEN $low AND $low + 20",
            "INSERT INTO doc SELECT i, '$new ' || i FROM generate_series($low, $low + 3) AS i ON CONFLICT (id) DO NOTHING",
            "INSERT INTO doc SELECT max(id) + 1, '$new' FROM doc", "DELETE FROM doc WHERE id BETWEEN $low AND $low + 2",
            "UPDATE doc SET id = id + 1000000 WHERE id = $low");
    },
    pairs => sub {
        my ($low, $new) = @_;
        return one("UPDATE doc SET content = '$new ' || id WHERE id BETWEEN $low AND $low + 5", "INSERT INTO doc SELECT 'Ä', $low, '$new' ON CONFLICT DO NOTHING",
            "INSERT INTO doc SELECT 'a b', i, '$new ' || i FROM generate_series($low, $low + 3) AS i ON CONFLICT (tenant, id) DO NOTHING", "DELETE FROM doc WHERE id BETWEEN $low AND $low + 2",
            "UPDATE doc SET tenant = 'moved' WHERE id = $low AND tenant = 'a b'");
    },
    # A row that was there at the beginning and stays is done once, whatever happens to its other columns.
    counted => sub {
        my ($low, $new) = @_;
        return one("UPDATE doc SET seen = seen + 1 WHERE id BETWEEN $low AND $low + 20", "INSERT INTO doc (id, content, late) SELECT max(id) + 1, '$new', true FROM doc", "DELETE FROM doc WHERE id = $low",
            "UPDATE doc SET content = '$new' || id WHERE id BETWEEN $low AND $low + 5");
    },
);

sub one { return $_[int rand @_] }

my $vectors = 'SELECT d.content, v.embedding::text FROM doc AS d JOIN side AS v ON v.id = d.id';
my $missing = 'SELECT count(*) FROM doc AS d WHERE NOT EXISTS (SELECT FROM side AS v WHERE v.id = d.id AND v.embedding IS NOT NULL)';
my $moved = "SELECT count(*) FROM doc WHERE id > 1000000 AND content LIKE '% ' || (id - 1000000)";
my $left = 'SELECT count(*) FROM side AS v WHERE NOT EXISTS (SELECT FROM doc AS d WHERE v.id = d.id)';

# For each: its table, its script, who writes, and what is lost, doubled and stale, as queries that give 0; `vectors` gives text and vector, `moved` how many rows got another key with the same text.
my %kinds = (
    side => {
        sql => $doc . $side, writes => $writes{doc}, vectors => $vectors, moved => $moved, zero => {lost => $missing, left => $left},
        lua => "return { table = 'doc', key = 'id', by = 'blocks', read = { 'content' }, $embed, text = function(row) return row.content end,\n"
            . "    into = { table = 'side', vector = 'embedding', hash = 'input' }, $pace }\n",
    },
    # By key, since its rows lie in that order; and read ahead, since the provider is in this process.
    local => {
        sql => $doc . $side, writes => $writes{doc}, vectors => $vectors, moved => $moved, zero => {lost => $missing, left => $left},
        lua => "return { table = 'doc', key = 'id', read = { 'content' }, embed = callback { model = 'm', dimensions = 8 }, text = function(row) return row.content end,\n"
            . "    into = { table = 'side', vector = 'embedding', hash = 'input' }, $pace }\n",
    },
    keys => {
        sql => <<'SQL', writes => $writes{pairs},
CREATE TABLE doc (tenant text, id int, content text NOT NULL, PRIMARY KEY (tenant, id));
INSERT INTO doc SELECT CASE i % 3 WHEN 0 THEN 'a b' WHEN 1 THEN 'A"{\,' ELSE 'Ä' END, i, 'text ' || i FROM generate_series(1, ROWS) AS i;
CREATE TABLE side (tenant text, id int, input bytea NOT NULL, embedding vector(8), PRIMARY KEY (tenant, id));
SQL
        vectors => 'SELECT d.content, v.embedding::text FROM doc AS d JOIN side AS v USING (tenant, id)', moved => "SELECT count(*) FROM doc WHERE tenant = 'moved'",
        zero => {lost => 'SELECT count(*) FROM doc LEFT JOIN side AS v USING (tenant, id) WHERE v.embedding IS NULL', left => 'SELECT count(*) FROM side LEFT JOIN doc AS d USING (tenant, id) WHERE d.id IS NULL'},
        lua => "return { table = 'doc', key = { 'tenant', 'id' }, by = 'key', read = { 'content' }, $embed, text = function(row) return row.content end,\n"
            . "    into = { table = 'side', vector = 'embedding', hash = 'input' }, $pace }\n",
    },
    column => {
        sql => $doc . "ALTER TABLE doc ADD COLUMN embedding vector(8), ADD COLUMN input bytea;\n", writes => $writes{doc}, vectors => 'SELECT content, embedding::text FROM doc', moved => $moved,
        zero => {lost => 'SELECT count(*) FROM doc WHERE embedding IS NULL'},
        lua => "return { table = 'doc', key = 'id', read = { 'content' }, $embed, text = function(row) return row.content end,\n"
            . "    into = { vector = 'embedding', hash = 'input' }, $pace }\n",
    },
    # It reads what it writes: a row that was done must not be done again. What others write meanwhile it sees, or they come too late.
    map => {
        sql => $doc . "ALTER TABLE doc ADD COLUMN n int NOT NULL DEFAULT 0, ADD COLUMN late bool NOT NULL DEFAULT false;\n", writes => $writes{counted},
        zero => {lost => 'SELECT count(*) FROM doc WHERE n = 0 AND NOT late', doubled => 'SELECT count(*) FROM doc WHERE n > 1'},
        lua => "return { table = 'doc', key = 'id', read = { 'n', 'content' }, map = function(row) return { n = row.n + 1 } end, $pace }\n",
    },
    sql => {
        sql => $doc . "ALTER TABLE doc ADD COLUMN n int NOT NULL DEFAULT 0, ADD COLUMN late bool NOT NULL DEFAULT false;\n", writes => $writes{counted},
        zero => {lost => 'SELECT count(*) FROM doc WHERE n = 0 AND NOT late', doubled => 'SELECT count(*) FROM doc WHERE n > 1'},
        lua => "return { table = 'doc', key = 'id', sql = [[UPDATE doc SET n = doc.n + 1 FROM :batch AS b WHERE doc.id = b.id]], $pace }\n",
    },
);

sub kinds { return sort keys %kinds }
sub kind {
    my ($name, %more) = @_;
    return {%{$kinds{$name}}, name => $name, %more};
}

# The driver, with a job of that script; `%text` stands for words of it.
sub worker_program {
    my ($name, $lua, %text) = @_;
    $lua =~ s/\bURL\b/provider()->url/ge;
    my $more = $text{pace} ? ", $text{pace} " : ' ';
    $lua =~ s/ PACE /$more/;
    return $programs{"$name\n$lua"} ||= application('worker', migrations({'001_nothing.sql' => "CREATE TABLE IF NOT EXISTS nothing ();\n", "J_$name.lua" => $lua}));
}

# A database with the kind's tables, and the driver.
sub place {
    my ($kind, %option) = @_;
    my $db = fresh_database();
    my $rows = $option{rows} || 3000;
    psql($db, 'CREATE EXTENSION vector;' . $kind->{sql} =~ s/\bROWS\b/$rows/gr . 'ANALYZE');
    my %place = (kind => $kind, db => $db, rows => $rows, program => worker_program($kind->{name}, $kind->{lua}, %option), conninfo => url($db));
    ($place{conninfo}, $place{pooled}) = ("$option{pooler}{conninfo} dbname=$db", 1) if $option{pooler};
    my ($exit, $out, $err) = run($place{program}, url($db), 'up');
    die "up: $out$err" if $exit;
    return \%place;
}

# Wait until something was written.
sub begun {
    my ($place, $condition) = @_;
    $condition //= '(SELECT coalesce(sum(rows), 0) > 0 FROM stele.chunk)';
    wait_for($place->{db}, "SELECT to_regclass('stele.space') IS NOT NULL") or die "the tables of jobs don't come\n";
    wait_for($place->{db}, "SELECT $condition") or die "nothing is written\n";
    return;
}

sub worker_run {
    my ($place, @arguments) = @_;
    return run($place->{program}, $place->{conninfo}, $place->{kind}{name}, @arguments);
}

# ------------------------------------------------------------------ workers

# A worker; some are behind a proxy, which cuts their connection once, at a message.
sub start_worker {
    my ($crew) = @_;
    my $place = $crew->{place};
    my @command = ($place->{program}, $place->{conninfo}, $place->{kind}{name}, 'run');
    if ($crew->{cuts} && rand() < 0.5) {
        my $folder = temporary(1);
        my @rule = ('cut-one', one('c', 's'), 1 + int(rand(one(40, 400, 3000))), one(-1, 0, 1, -20));
        @command = (proxy_path(), server() . '/.s.PGSQL.5432', $folder, "$folder/trace", @rule, '--', $place->{program}, "host=$folder user=postgres dbname=$place->{db}", $place->{kind}{name}, 'run');
    }
    return start(@command, {timeout => 600});
}

sub crew {
    my ($place, $count, %option) = @_;
    my $crew = {place => $place, %option, killed => 0, exits => {}, wrong => []};
    $crew->{workers} = [map { start_worker($crew) } 1 .. $count];
    return $crew;
}

sub is_gone { return !kill(0, $_[0]{pid}) || waitpid($_[0]{pid}, WNOHANG) == $_[0]{pid} ? 1 : 0 }

# Take note of those that have ended, and start them anew; a worker that says that all is done isn't needed again. Returns how many are at work.
sub tend {
    my ($crew, %option) = @_;
    my @now;
    for my $worker (@{$crew->{workers}}) {
        my $pid = waitpid($worker->{pid}, WNOHANG);
        if ($pid == 0) {
            push(@now, $worker);
            next;
        }
        my $status = $? & 127 ? 128 + ($? & 127) : $? >> 8;
        my $said = join('', map { -e "$worker->{path}.$_" ? read_file("$worker->{path}.$_") : '' } qw(err out));
        $crew->{exits}{$status}++;
        # What was killed and what found no server says nothing; anything else is a worker that gave up.
        push(@{$crew->{wrong}}, "a worker gave up, exit $status: $said") unless grep { $status == $_ } 0, 3, 137;
        push(@now, start_worker($crew)) if ($status == 3 || $status == 137) && !$option{leave};
    }
    $crew->{workers} = \@now;
    return scalar @now;
}

sub stop_crew {
    my ($crew) = @_;
    for my $worker (@{$crew->{workers}}) {
        kill('KILL', -$worker->{pid});
        finish($worker);
    }
    $crew->{workers} = [];
    return;
}

# Wait until all have said that it is done; what is wrong, in words.
sub finished {
    my ($crew, $seconds) = @_;
    my $end = time() + ($seconds || 300);
    $crew->{cuts} = 0;
    while (tend($crew)) {
        if (time() > $end) {
            my $db = $crew->{place}{db};
            my $where = psql($db, "SELECT state, desired, reason, message FROM stele.job; SELECT 'chunk', no, kind, state, epoch, attempts, worker, lease_until - now(), round FROM stele.chunk WHERE state < 2 LIMIT 3;
                SELECT 'worker', id, name, now() - heartbeat, bound FROM stele.worker; SELECT 'dirty', count(*) FROM stele.dirty");
            stop_crew($crew);
            return (@{$crew->{wrong}}, "it doesn't come to its end: $where");
        }
        sleep(0.05);
    }
    return @{$crew->{wrong}};
}

# ------------------------------------------------------------------ somebody else

# Write at random, in a process of its own, until stop_writer; survives the server's end. Options: seed, pause (seconds), batch (statements in one go).
sub writer {
    my ($place, %option) = @_;
    my $db = $place->{db};
    my $owner = $$;
    my $pid = fork();
    die "fork: $!\n" unless defined $pid;
    return {pid => $pid} if $pid;
    $SIG{$_} = 'DEFAULT' for qw(INT TERM HUP PIPE);
    srand($option{seed} // $$);
    my ($count, $stop) = (0, 0);
    $SIG{USR1} = sub { $stop = 1 };
    while (!$stop && getppid() == $owner) {
        my $sql = '';
        for (1 .. $option{batch} // 5) {
            $sql .= $place->{kind}{writes}->(1 + int(rand($place->{rows})), "new $$." . ++$count) . ";\n";
        }
        open(my $psql, '|-', 'sh', '-c', 'exec "$@" >/dev/null 2>&1', 'sh', postgres('psql'), '-Xq', '-d', url($db)) or POSIX::_exit(1);
        local $SIG{PIPE} = 'IGNORE';
        print {$psql} $sql;
        close($psql);
        sleep($option{pause} // 0.05);
    }
    POSIX::_exit(0);
}

sub stop_writer {
    my ($writer) = @_;
    kill('USR1', $writer->{pid});
    waitpid($writer->{pid}, 0);
    return;
}

# ------------------------------------------------------------------ transactions

# While these are at work: the longest transaction of any worker, the longest that one was idle, and all of it, in milliseconds; and what it did in the longest. What builds an index isn't counted.
sub longest {
    my ($crew) = @_;
    my $db = $crew->{place}{db};
    my ($open, $idle, $begin, $what) = (0, 0, time(), '');
    while (tend($crew)) {
        for (1 .. 20) {
            my ($a, $b, $query) = split(/\|/, ask($db, "SELECT coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0) * 1000,
                coalesce(max(extract(epoch FROM clock_timestamp() - state_change)) FILTER (WHERE state LIKE 'idle in%'), 0) * 1000, left(max(query), 60) FROM pg_stat_activity
                WHERE datname = '$db' AND application_name LIKE 'stele%' AND xact_start IS NOT NULL AND query NOT ILIKE 'CREATE INDEX%'"));
            ($open, $what) = ($a, $query) if $a > $open;
            $idle = $b if $b > $idle;
            sleep(0.003);
        }
    }
    return ($open, $idle, 1000 * (time() - $begin), $what);
}

# ------------------------------------------------------------------ the end

sub dirty_left { return psql($_[0]{db}, 'SELECT count(*) FROM stele.dirty') }

# After one more run by somebody whom nobody disturbs: what is lost, doubled, stale, or left open.
sub right {
    my ($place) = @_;
    my ($kind, $db) = @{$place}{qw(kind db)};
    my ($exit, $out, $err) = worker_run($place, 'run');
    my @wrong = $exit ? "the last run exits $exit: $err$out" : ();
    for my $what (sort keys %{$kind->{zero}}) {
        my $count = psql($db, $kind->{zero}{$what});
        push(@wrong, "$count $what") if $count ne '0';
    }
    if ($kind->{vectors}) {
        ($exit, $out, $err) = worker_run($place, 'compare', $kind->{vectors});
        push(@wrong, "stale: $out$err") if $exit || $out !~ /^compared=[1-9]\d* wrong=0$/m;
    }
    my $dirty = dirty_left($place);
    push(@wrong, "$dirty dirty keys are left") if $dirty ne '0';
    my $dead = psql($db, 'SELECT count(*), min(stage), min(code), min(message) FROM stele.dead WHERE resolved IS NULL');
    push(@wrong, "given up: $dead") if $dead !~ /^0\|/;
    my $chunks = psql($db, 'SELECT count(*) FROM stele.chunk WHERE state < 2 AND kind < 3');
    push(@wrong, "$chunks chunks are left") if $chunks ne '0';
    my $who = "datname = '$db' AND pid <> pg_backend_pid() AND application_name <> 'harness' AND (state <> 'idle' OR NOT " . ($place->{pooled} ? 'true' : 'false') . ')';
    my $open = wait_for($db, "SELECT count(*) = 0 FROM pg_stat_activity WHERE $who");
    push(@wrong, 'sessions are left: ' . psql($db, "SELECT state, query FROM pg_stat_activity WHERE $who")) unless $open;
    return @wrong;
}

# ------------------------------------------------------------------ harm

# One disturbance, at random, of these: kill, terminate, provider, crash. Returns what it was.
sub disturb {
    my ($crew, @ways) = @_;
    my ($way, $db) = (one(@ways), $crew->{place}{db});
    my $worker = one(@{$crew->{workers}}) or return '';
    if ($way eq 'kill') {
        kill('KILL', -$worker->{pid});
        $crew->{killed}++;
        return 'kill -9';
    }
    if ($way eq 'terminate') {
        my $count = psql('postgres', "SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity WHERE datname = '$db' AND application_name LIKE 'stele%' ORDER BY random() LIMIT 1) AS a");
        return $count eq '1' ? 'pg_terminate_backend' : '';
    }
    if ($way eq 'crash') {
        my $tool = top() . '/tests/tools/server';
        run($tool, 'crash', server());
        my ($exit, undef, $why) = run($tool, 'again', server());
        die "the server does not start: $why\n" if $exit;
        return 'crash of the server';
    }
    provider()->control(@{one([status => 503, times => 3], [status => 429, times => 2, retry_after => 0], [close => 1], [cut => 1], [wrong => one(qw(short nan zero dimension)), wrong_times => 1])});
    return 'fault of the provider';
}

1;
