#!/usr/bin/perl
# examples/job: it compiles as its Makefile says, and embeds its notes by its own callback, each once.

use strict;
use warnings;

use Stele::Test;
use Test::More;

# The library may have been built with another compiler or with sanitizers: then so is the example.
my %setting = settings();
my ($place, $build) = (temporary(), temporary());
symlink(built('.'), $build) or die;    # make can't read a path with blanks
my ($exit, $out, $err) = run('make', '-C', top() . '/examples/job', "CC=$setting{CC}", "CFLAGS=$setting{CFLAGS}", "BUILD=$build", "OUT=$place");
is($exit, 0, 'it compiles') or BAIL_OUT("$out$err");

my $database = fresh_database();
sub starts { ($exit, $out, $err) = run("$place/notes", {env => {DATABASE_URL => url($database)}}); return $exit }

is(starts(), 0, 'the first start') or diag($err);
like($out, qr/^0 notes have their vectors$/m, '... makes the schema, and has nothing to embed');
psql($database, q{INSERT INTO note (body) SELECT 'note ' || repeat('b', i) FROM generate_series(1, 20) AS i; INSERT INTO note (body) VALUES ('42'), ('')});
is(starts(), 0, 'the next start') or diag($err);
like($out, qr/^20 notes have their vectors$/m, '... embeds what was written');
like($out, qr/^note 21 has no vector: there is no letter in it$/m, '... and says which note has none, and why');
like($out, qr/^note 22 has no vector: there is no text to embed$/m, '... of each');
is(psql($database, 'SELECT count(*), count(DISTINCT embedding::text), round(min(vector_norm(embedding))::numeric, 5) FROM note_vector'), '20|20|1.00000', '... and these are vectors');
psql($database, q{UPDATE note SET body = 'forty-two' WHERE body = '42'; DELETE FROM note WHERE id = 1});
is(starts(), 0, 'and one more') or diag($err);
is(psql($database, 'SELECT string_agg(id::text, \' \' ORDER BY id) FROM note_vector'), join(' ', 2 .. 21), '... does what was changed, and takes away what went');

done_testing();
