#!/usr/bin/perl
# The switch of a job, and the way back: with two programs, one built with the old dimension and one with the new.

use strict;
use warnings;

use Stele::Reembed;
use Stele::Session;
use Stele::Test;
use Test::More;

my $folder = migrations(reembed(sql => "CREATE EXTENSION vector;\n", script => <<'LUA'));
    space = "memory",
    switch = { parameters = { embedding_dim = 8 }, sql = "ALTER TABLE memory_8 RENAME CONSTRAINT memory_8_pkey TO memory_new; COMMENT ON TABLE memory IS 'new; $stele$ it''s'",
               undo = "ALTER TABLE memory_8 RENAME CONSTRAINT memory_new TO memory_8_pkey; COMMENT ON TABLE memory IS NULL" },
LUA
my ($old, $new) = map { application('job', $folder, '-D', "embedding_dim=$_") } 4, 8;
my $db = fresh_database();

sub job {
    my ($program, @words) = @_;
    my ($exit, $out, $err) = run($program, url($db), @words);
    return $out . $err;
}

sub state { return psql($db, 'SELECT state FROM stele.job') }
sub parameters { return psql($db, q{SELECT parameters->>'embedding_dim' FROM stele.anchor}) }
sub rows_of_ledger { return psql($db, q{SELECT string_agg(concat_ws('|', seq, action, name, parameters->>'embedding_dim', reason), ', ' ORDER BY seq) FROM stele.ledger}) }

# Of both: does it boot?
sub boots { return join(' ', map { job($_, 'reembed', 'check') eq '' ? 'yes' : 'no' } $old, $new) }

is(job($old, qw(reembed up)), '', 'the database is made with 4 dimensions');
psql($db, q{INSERT INTO memory SELECT i, 'memory number ' || i FROM generate_series(1, 500) i});
like(job($old, qw(reembed switch why)), qr/^failed: 9\nerror: the job "reembed" was never run, and can't be switched\n.*\nhint: job run reembed begins it/m, 'a job that was never run is refused');
like(job($old, qw(reembed undo why)), qr/^failed: 9\nerror: the job "reembed" was never run, and can't be taken back/m, 'so is its undo');
like(job($old, qw(reembed space memory)), qr/^failed: 9\nerror: there is no space "memory"/m, 'no space yet, nor its table');
like(job($old, qw(reembed run)), qr/^ready rows=500 dead=0 dirty=0/, 'it is run');
like(job($old, qw(reembed undo why)), qr/state "ready", and can't be taken back.*there is nothing to undo before job switch reembed/s, 'nothing to undo');
like(job($old, qw(reembed finish)), qr/state "ready", and can't be finished/, 'nor to finish');
like(job($old, 'reembed', 'switch', ' '), qr/^failed: 2\nerror: a reason has to be given/m, 'a reason is needed');
is(boots(), 'yes no', 'the old program boots, the new one not yet');

# Changed since: done by the switch itself.
psql($db, q{UPDATE memory SET content = 'changed' WHERE id <= 10; DELETE FROM memory WHERE id = 11; INSERT INTO memory VALUES (501, 'one more')});
my $out = job($old, 'reembed', 'switch', 'it is better');
like($out, qr/\Aswitch took \d+ ms\n\z/, 'switched') or diag($out);
is(state(), 'switched', 'the job says so');
is(parameters(), '8', 'and so does the ledger');
is(rows_of_ledger(), '1|apply|memory|4, 2|set|embedding_dim|8|it is better', 'with a row, and its reason');
is(psql($db, 'SELECT count(*) FROM memory JOIN memory_8 USING (id)') . psql($db, 'SELECT count(*) FROM memory_8'), '500500', 'what was changed before is done');
is(boots(), 'no yes', 'the new program boots, the old one does not');
like(job($old, qw(reembed check)), qr/^failed: 9\nerror: parameter "embedding_dim" is "4" in this program, but the database was made with "8"/m, 'and is told both values');
is(job($new, qw(reembed audit)), '', 'the audit finds nothing');
is(job($new, qw(reembed space memory)), "space memory: reembed|fixed|8|memory_8|embedding|cosine|1\n", 'the space is told');
is(psql($db, q{SELECT obj_description('memory'::regclass)}), "new; \$stele\$ it's", 'the script ran its own statements');
like(job($new, qw(reembed switch why)), qr/^failed: 9\nerror: the job "reembed" is in state "switched", and can't be switched\n.*\nhint: it is switched already: job undo reembed/m, 'not twice');

# What is written since is followed.
psql($db, q{UPDATE memory SET content = 'later' WHERE id = 20});
like(job($new, qw(reembed run)), qr/^switched rows=\d+ dead=0 dirty=0/, 'a run does what was changed since');

# The way back, by either program.
for my $program ($old, $new) {
    my $who = $program eq $old ? 'old' : 'new';
    like($out = job($program, 'reembed', 'undo', "by the $who"), qr/\Aundo took (\d{1,4}) ms\n\z/, "undone by the $who program, in less than ten seconds") or diag($out);
    is(state() . ' ' . parameters() . ' ' . boots(), 'ready 4 yes no', 'all is as it was');
    is(psql($db, q{SELECT (SELECT count(*) FROM stele.space) || coalesce(obj_description('memory'::regclass), '-') || (SELECT before IS NULL FROM stele.job)}), '0-true', 'the space and what the script did, too');
    like(job($program, qw(reembed undo why)), qr/there is nothing to undo/, 'only once');
    is(job($old, qw(reembed audit)), '', 'the audit finds nothing');
    like($out = job($old, 'reembed', 'switch', 'again'), qr/\Aswitch took \d+ ms\n\z/, 'switched again') or diag($out);
}

# A value that is in force is left out, and a space that was there comes back.
like(job($new, 'reembed', 'undo', 'back'), qr/undo took/, 'undone');

# Triggers whose drop was interrupted note nothing: a run, and the switch by itself, see that, and look at everything.
for my $words (['run'], ['switch', 'behind idle triggers']) {
    my $vector = psql($db, 'SELECT embedding FROM memory_8 WHERE id = 30');
    psql($db, q{DO $$ BEGIN EXECUTE format('CREATE OR REPLACE FUNCTION stele.follow_%s() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS %L', (SELECT id FROM stele.job), 'BEGIN RETURN NULL; END'); END $$});
    psql($db, q{UPDATE memory SET content = content || ' unseen' WHERE id = 30});
    is(psql($db, q{SELECT count(*) FROM stele.dirty WHERE key IS NULL OR key = '{30}'}), 0, 'a change that idle triggers did not note');
    unlike($out = job($old, 'reembed', @{$words}), qr/failed|error/, "... $words->[0]") or diag($out);
    isnt(psql($db, 'SELECT embedding FROM memory_8 WHERE id = 30'), $vector, '... does it again');
    psql($db, q{UPDATE memory SET content = content || ' seen' WHERE id = 31});
    is(psql($db, q{SELECT count(*) FROM stele.dirty WHERE key = '{31}'}), 1, '... and from then on changes are noted');
}
is(state(), 'switched', 'so nothing stale is switched to');

# Rows may be let wait, so many; but not all of them, which one note without a key is.
like(job($new, 'reembed', 'undo', 'back'), qr/undo took/, 'undone');
psql($db, q{UPDATE stele.job SET knobs = '{"behind": "20"}'});
ask($db, 'BEGIN; LOCK TABLE memory IN ROW EXCLUSIVE MODE; INSERT INTO stele.dirty (job, key) SELECT id, NULL FROM stele.job');
my $switch = start($old, url($db), qw(reembed switch all));
ok(wait_for($db, q{SELECT count(*) > 0 FROM pg_locks WHERE relation = 'memory'::regclass AND NOT granted}), 'when all was noted while a switch waited for its lock');
ask($db, 'COMMIT');
is((finish($switch))[0], 0, '... it is switched');
is(psql($db, 'SELECT count(*) FROM stele.dirty'), 0, '... after all was looked at, whatever may be behind');
psql($db, q{UPDATE stele.job SET knobs = '{}'});
like(job($new, 'reembed', 'undo', 'back'), qr/undo took/, 'undone once more');
psql($db, q{INSERT INTO stele.space VALUES ('memory', NULL, 'older', 4, 'memory_2', 'embedding', 'l2', '2020-01-01'); CREATE TABLE memory_2 (embedding int)});
my $before = psql($db, 'SELECT s FROM stele.space s');
like(job($old, 'reembed', 'switch', 'over another'), qr/\Aswitch took/, 'over a space that is there');
is(psql($db, 'SELECT model FROM stele.space'), 'fixed', 'it is this job\'s now');
psql($db, 'ALTER TABLE memory_2 RENAME TO away');
like(job($new, 'reembed', 'undo', 'back'), qr/^failed: 9\nerror: there is no way back: the relation memory_2, which had the vectors before, isn't there any more/m, 'without the old one there is no way back');
is(state() . parameters(), 'switched8', 'and nothing was changed');
psql($db, 'ALTER TABLE away RENAME TO memory_2; ALTER TABLE memory_2 RENAME embedding TO away');
like(job($new, 'reembed', 'undo', 'back'), qr/^failed: 9\nerror: there is no way back: the column embedding of memory_2, which had the vectors before, isn't there any more/m, 'nor without its column');
is(state() . parameters(), 'switched8', '... and nothing was changed, either');
psql($db, 'ALTER TABLE memory_2 RENAME away TO embedding');
like(job($new, 'reembed', 'undo', 'back'), qr/undo took/, 'with it there is');
is(psql($db, 'SELECT s FROM stele.space s'), $before, 'to the very row');
like(job($old, 'reembed', 'switch', 'for good'), qr/\Aswitch took/, 'switched');

is(job($new, qw(reembed finish)), '', 'finished');
is(state() . psql($db, q{SELECT count(*) FROM pg_trigger WHERE tgrelid = 'memory'::regclass AND NOT tgisinternal}), 'done0', 'it is done, the triggers are gone');
like(job($new, qw(reembed undo why)), qr/^failed: 9\nerror: .*\n.*\nhint: what was finished can't be undone any more/m, 'there is no way back any more');
like(job($new, qw(reembed finish)), qr/it is finished already/, 'finished is finished');
is(job($new, qw(reembed audit)), '', 'the audit finds nothing at the end');

done_testing();
