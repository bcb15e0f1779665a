#!/usr/bin/perl
# What limits a job is where its time goes: where writes are slow it is the database, also while as many requests are in flight as may be; and an index that each of them keeps up is named.

use strict;
use warnings;

use Stele::Provider;
use Stele::Test;
use Test::More;

my $provider = Stele::Provider->new;
my $url = $provider->url;
my $script = "return { table = 'doc', key = 'id', read = 'content', text = function(row) return row.content end,\n"
    . "    embed = http { url = '$url', model = 'm', dimensions = 8, send_dimensions = true, max_inputs = 8 },\n"
    . "    into = { table = 'side', vector = 'v', hash = 'input' }, pace = { concurrency = 1 } }\n";
my $tables = <<'END';
CREATE EXTENSION vector;
CREATE TABLE doc (id bigint PRIMARY KEY, content text);
CREATE TABLE side (id bigint PRIMARY KEY, input bytea NOT NULL, v vector(8));
CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.005); RETURN new; END $$;
CREATE TRIGGER slow BEFORE INSERT ON side FOR EACH ROW EXECUTE FUNCTION slow();
END
my $program = program(migrations({'001_a.sql' => $tables, 'J_e.lua' => $script}));
for my $index (0, 1) {
    my $db = fresh_database();
    is((stele($program, $db, 'up'))[0], 0, 'up');
    psql($db, "INSERT INTO doc SELECT i, 'text ' || i FROM generate_series(1, 20000) AS i; ANALYZE doc");
    psql($db, 'CREATE INDEX kept ON side USING hnsw (v vector_cosine_ops)') if $index;
    my $run = start($program, 'job', 'run', 'e', '--db', url($db));
    my $bound = $index ? 'database: index "kept" of the destination is kept up by every write' : 'database: writes';
    ok(wait_for($db, "SELECT to_regclass('stele.space') IS NOT NULL"), 'a job runs whose writes are slow');
    ok(wait_for($db, "SELECT count(*) > 0 FROM stele.worker WHERE bound = '$bound'"), "... limited by $bound");
    my ($exit, $out, $err) = stele($program, $db, 'job', 'status', 'e');
    like($out, qr/; limited by \Q$bound\E$/m, '... and status says it') or diag($err);
    kill('INT', $run->{pid});
    is((finish($run))[0], 130, '... it is stopped');
}

done_testing();
