#!/usr/bin/perl
# The reference history: each step can be taken back with rows in its tables, what
# it says of itself is true, and stele makes of it what psql makes.

use strict;
use warnings;

use File::Basename qw(basename);
use File::Glob qw(:bsd_glob);
use Stele::Test;
use Test::More;

# Written into the tables after a step: rows that the later steps have to carry along.
my %rows = (
    '001' => <<'SQL',
INSERT INTO agent (name) VALUES ('a');
INSERT INTO agent_user (external_id) VALUES ('u');
INSERT INTO agent_session (agent_id, user_id) SELECT agent.id, agent_user.id FROM agent, agent_user;
INSERT INTO agent_memory (agent_id, content, metadata, embedding)
SELECT agent.id, 'memory ' || i, CASE WHEN i % 2 = 0 THEN '{"fact": "even"}'::jsonb ELSE '{}' END, array_fill(i, ARRAY[384])::vector
  FROM agent, generate_series(1, 10) AS i;
SQL
    '003' => <<'SQL',
INSERT INTO session_summary (session_id, sequence, summary, message_count, token_count, model, covers_until)
SELECT id, 1, 'greetings', 2, 20, 'm', now() FROM agent_session;
SQL
    '005' => <<'SQL',
INSERT INTO memory_run (agent_id, goal) SELECT id, 'build it' FROM agent;
INSERT INTO memory_event (run_id, sequence, kind, content) SELECT id, 1, 'thought', 'hm' FROM memory_run;
INSERT INTO memory_checkpoint (run_id, sequence, state) SELECT run_id, sequence, '{}' FROM memory_event;
INSERT INTO memory_job (run_id, kind) SELECT id, 'embed' FROM memory_run;
SQL
    '006' => <<'SQL',
UPDATE agent_memory SET memory_type = 'task' WHERE content = 'memory 1';
UPDATE agent_memory SET metadata = metadata || '{"edited": true}' WHERE content = 'memory 1';
SQL
    '007' => <<'SQL',
BEGIN;
UPDATE agent_memory SET status = 'superseded', superseded_by = '11111111-1111-1111-1111-111111111111'
 WHERE content = 'memory 2';
INSERT INTO agent_memory (id, agent_id, content, lineage_id, revision)
SELECT '11111111-1111-1111-1111-111111111111', agent_id, 'memory 2, better', lineage_id, 2
  FROM agent_memory WHERE content = 'memory 2';
COMMIT;
SQL
    '008' => "UPDATE memory_event SET embedding = array_fill(1, ARRAY[384])::vector;\n",
    '010' => <<'SQL',
INSERT INTO agent_memory_1024 (id, input, embedding) SELECT id, sha256(main_content::bytea), array_fill(1, ARRAY[1024])::vector FROM agent_memory;
UPDATE agent_user SET display_name_sealed = 'sealed';
UPDATE memory_event SET lineage_id = (SELECT min(lineage_id::text)::uuid FROM agent_memory);
SQL
);

# What a migration file has, with the parameter in place: up, down, verify.
sub sections {
    my ($file) = @_;
    my $text = read_file($file);
    $text =~ s/\$\{embedding_dim\}/384/g;
    return split(/^-- stele: (?:down|verify)\n/m, $text);
}

# The answers of a verify section, each once: "t" when all is well.
sub answers {
    my ($database, $verify) = @_;
    my %seen = map { $_ => 1 } split(/\n/, psql($database, $verify));
    return join(' ', sort keys %seen);
}

# Two dumps must be the same; of others, the first lines that differ are shown, not all.
sub same_schema {
    my ($have, $want, $name) = @_;
    my @have = split(/\n/, $have);
    my @want = split(/\n/, $want);
    while (@have && @want && $have[0] eq $want[0]) { shift @have; shift @want }
    is(join("\n", splice(@have, 0, 5)), join("\n", splice(@want, 0, 5)), $name);
    return;
}

my @files = glob(top() . '/migrations/*.sql');
is(scalar @files, 9, 'nine migrations in SQL');

# All the way up, with rows written on the way, then all the way down.
my $by_psql = fresh_database();
my @back;
for my $file (@files) {
    my ($version) = basename($file) =~ /^(\d+)/;
    my ($up, $down, $verify) = sections($file);
    unshift(@back, {version => $version, sql => $down, schema => pg_dump_schema($by_psql)});
    psql($by_psql, $up);
    is(answers($by_psql, $verify), 't', "$version: verify");
    psql($by_psql, $rows{$version}) if $rows{$version};
}
my $schema = pg_dump_schema($by_psql);

is(psql($by_psql, 'SELECT count(*), count(fact), count(*) FILTER (WHERE main_content = content) FROM agent_memory'),
    '11|5|11', '002: every memory has its main content, and its fact where there was one');
is(psql($by_psql, "SELECT count(*) FROM agent_memory WHERE updated_at <> created_at AND content <> 'memory 1'"),
    '0', 'no backfill counts as an edit');
is(psql($by_psql, 'SELECT count(*), count(display_name_sealed), count(*) FILTER (WHERE updated_at <> created_at) FROM agent_user'),
    '1|1|0', '010: nor does sealing a name');
is(answers($by_psql, (sections($_))[2]), 't', basename($_) . ': still true at the end') for @files;

for my $step (@back) {
    psql($by_psql, "BEGIN;\n$step->{sql}COMMIT;\n");
    same_schema(pg_dump_schema($by_psql), $step->{schema}, "$step->{version}: down restores the schema");
}

# The same files through stele.
my $by_stele = fresh_database();
my ($exit, $out, $err) = stele(built('stele-reference'), $by_stele, 'up');
is($exit, 0, 'stele applies it') or diag($out, $err);
same_schema(pg_dump_schema($by_stele), $schema, 'and makes the same schema as psql; Lua adds nothing to that');

# 009, in Lua: notes of what replaced what become lineages. 1 <- 2 <- 3; 4 <- 5 and 4 <- 6; 7 <-> 8; 9 is alone.
sub id { return sprintf('00000000-0000-0000-0000-%012d', shift) }
my $lineages = fresh_database();
stele(built('stele-reference'), $lineages, 'up', '008');
my %replaces = (2 => 1, 3 => 2, 5 => 4, 6 => 4, 7 => 8, 8 => 7);
psql($lineages, "INSERT INTO agent (name) VALUES ('a')");
psql($lineages, sprintf(q{INSERT INTO agent_memory (id, agent_id, content, metadata, created_at)
    SELECT '%s', id, 'memory', '%s', now() + interval '%d s' FROM agent},
    id($_), $replaces{$_} ? sprintf('{"replaces": "%s"}', id($replaces{$_})) : '{}', $_)) for 1 .. 9;
my $memories = q{SELECT string_agg(concat_ws(' ', right(id::text, 1), right(lineage_id::text, 1), revision, status,
    right(superseded_by::text, 1)), ', ' ORDER BY id) FROM agent_memory};
my $before = psql($lineages, $memories);
($exit, $out, $err) = stele(built('stele-reference'), $lineages, 'up', '009', '--verify');
is("$exit|$err", '0|', '009: Lua is applied, and holds what its verify function says');
like($out, qr/^.*6 notes became 2 lineages; 3 were left alone$/m, '009: it says what it did');
is(psql($lineages, $memories), join(', ', '1 1 1 superseded 2', '2 1 2 superseded 3', '3 1 3 active', '4 4 1 superseded 5', '5 4 2 active',
    '6 6 1 active', '7 7 1 active', '8 8 1 active', '9 9 1 active'), '009: the chains are lineages, whatever their length');
is(psql($lineages, 'SELECT count(*) FROM agent_memory WHERE updated_at > now() + interval $$1 min$$'), '0', '009: that is no edit');
($exit, $out, $err) = stele(built('stele-reference'), $lineages, 'down', '--allow-destructive');
is("$exit|$err", '0|', '009: Lua is taken back') or diag($out);
is(psql($lineages, $memories), $before, '009: as if it had not been there');

done_testing();
