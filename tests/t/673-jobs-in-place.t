# Rows that are changed where they are: nearly all updates are HOT, and the table hardly grows, on full pages as well. And who dies while a chunk's rows are written out of their order leaves none
# undone, and none to be done twice.

use strict;
use warnings;

use Stele::Jobs;
use Stele::Test;
use Test::More;
use Time::HiRes qw(sleep);

use constant {ROWS => 20000, HOT => 85, GROWTH => 15};    # per cent

# Nine rows a page, or some eighty; by keys in the order of the rows, and in none.
my $random = "('x' || md5(i::text))::bit(60)::bigint";
my %tables = ('wide rows' => [820, 'i'], 'narrow rows' => [40, 'i'], 'wide rows at random' => [820, $random], 'narrow rows at random' => [40, $random]);
my %jobs = (
    map   => "read = { 'content' }, map = function(row) return { n = #row.content } end",
    sql   => 'sql = [[UPDATE doc SET n = doc.n + 1 FROM :batch AS b WHERE doc.id = b.id]]',
    embed => "read = { 'content' }, embed = callback { model = 'm', dimensions = 8 }, text = function(row) return row.content end, into = { vector = 'embedding', hash = 'input' }, verify = { distinct = 1 }",
);

sub measure {
    my ($table, $fill, $job) = @_;
    my ($width, $key) = @{$tables{$table}};
    my $columns = $job eq 'embed' ? ", embedding vector(8) NOT NULL DEFAULT '[1,1,1,1,1,1,1,1]', input bytea NOT NULL DEFAULT sha256('')" : '';
    $width -= 80 if $job eq 'embed' && $width > 100;
    my $kind = {name => "hot_$job", lua => "return { table = 'doc', key = 'id', $jobs{$job}, pace = { lag = '0s', write = '10s' PACE } }\n", sql => <<"SQL"};
CREATE TABLE doc (id bigint PRIMARY KEY, content text NOT NULL, n int NOT NULL DEFAULT 0$columns) WITH (fillfactor = $fill, autovacuum_enabled = off);
CREATE INDEX ON doc (content text_pattern_ops);
INSERT INTO doc SELECT $key, i || repeat('x', $width) FROM generate_series(1, ROWS) AS i;
SQL
    my $place = place($kind, rows => ROWS);
    my $db = $place->{db};
    my $before = psql($db, "SELECT pg_relation_size('doc'), pg_current_wal_insert_lsn()");
    my ($size, $lsn) = split(/\|/, $before);
    my ($exit, $out, $err) = worker_run($place, 'run');
    is($exit, 0, "$job, $table, filled to $fill %") or diag($err . $out);
    return if $exit;
    my $wal = psql($db, "SELECT round((pg_current_wal_insert_lsn() - '$lsn') / ${\ROWS})");
    ok(wait_for($db, "SELECT n_tup_upd >= ${\ROWS} FROM pg_stat_user_tables WHERE relname = 'doc'"), '... all rows are updated');
    my ($hot, $growth) = split(/\|/, psql($db, "SELECT round(100.0 * n_tup_hot_upd / n_tup_upd, 1), round(100.0 * pg_relation_size('doc') / $size - 100, 1) FROM pg_stat_user_tables WHERE relname = 'doc'"));
    my $writes = psql($db, 'SELECT count(DISTINCT xmin::text) FROM doc');
    note("$job, $table, $fill: HOT $hot %, growth $growth %, WAL $wal B a row, $writes writes");
    cmp_ok($hot, '>=', HOT, "... $hot % of them HOT");
    cmp_ok($growth, '<=', GROWTH, "... and the table is $growth % larger");
    cmp_ok($writes, '<', 64, "... a chunk of two rows a page in fewer than 16 writes") if $table eq 'wide rows at random';
    return;
}

server('-c', 'autovacuum=off');    # while it looks at another table of this database, old versions of rows stay
measure(@{$_}) for ['wide rows', 100, 'map'], ['wide rows', 90, 'map'], ['narrow rows at random', 100, 'map'], ['narrow rows', 100, 'sql'], ['wide rows at random', 100, 'sql'], ['wide rows', 100, 'embed'],
    ['narrow rows', 90, 'embed'];

# ------------------------------------------------------------------ deaths in the midst of a chunk

# One row of each chunk is held, so that none comes to its end before all have died: when the first rows are written, when more is, or was taken over, and when one was.
my $half = "state = 1 AND keys IS NOT NULL AND \"cursor\"[1]::int BETWEEN 1 AND cardinality(keys) - 1";
my @deaths = ("count(*) FILTER (WHERE $half) > 0", "coalesce(sum(epoch) FILTER (WHERE $half), 0) > 2", "max(epoch) FILTER (WHERE $half) > 1");

# They die at once, and are started anew.
sub all_die {
    my ($crew) = @_;
    my %dying = map { $_->{pid} => 1 } @{$crew->{workers}};
    kill('KILL', -$_) for keys %dying;
    while (grep { $dying{$_->{pid}} } @{$crew->{workers}}) {
        tend($crew);
        sleep(0.02);
    }
    return;
}

my %column = %{kind('column')};
my @kinds = (kind('sql'), kind('map'), \%column, {%column, lua => $column{lua} =~ s/key = 'id',/key = 'id', by = 'blocks',/r});
for my $kind (@kinds) {
    my $what = $kind->{name} . ($kind->{lua} =~ /'blocks'/ ? ' by blocks' : '');
    provider()->reset;
    my $place = place($kind, rows => 4000, pace => 'chunk = 1000');
    my $db = $place->{db};
    my $holder = start(postgres('psql'), '-Xq', '-d', url($db), {stdin => "BEGIN; SELECT FROM doc WHERE id % 1000 = 500 FOR UPDATE; SELECT pg_sleep(600)", timeout => 600});
    my $held = "datname = '$db' AND wait_event = 'PgSleep'";
    ok(wait_for('postgres', "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE $held)"), "$what: a row of each chunk is held");
    my $crew = crew($place, 2);
    my $writer = writer($place, seed => 1);
    for my $death (@deaths) {
        begun($place, "(SELECT $death FROM stele.chunk WHERE kind = 0)");
        all_die($crew);
    }
    psql('postgres', "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE $held");
    finish($holder);
    my @wrong = finished($crew);
    stop_writer($writer);
    is(join("\n", @wrong, right($place)), '', '... when all have died three times, each row is done, and once');
    is(psql($db, 'SELECT count(*) FROM stele.chunk WHERE keys IS NOT NULL'), 0, '... and no list is left');
}

done_testing();
