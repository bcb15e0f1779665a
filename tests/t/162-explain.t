#!/usr/bin/perl
# stelec explain: what is told of a migration, in words and as JSON. Locks and rewrites are compared with a server's in 165-locks.t.
use strict;
use warnings;
use JSON::PP;
use Test::More;
use Stele::Test;

# (exit code, the migration's object, the statements' objects, stderr)
sub told {
    my ($file, @options) = @_;
    my ($exit, $out, $err) = run(built('stelec'), 'explain', '-w', '--json', @options, $file);
    my @objects = map { decode_json($_) } split /\n/, $out;
    return ($exit, $objects[0]{migration}, [map { $_->{statement} } @objects[1 .. $#objects]], $err);
}

my $dir = migrations({
    '001_base.sql' => <<'END',
CREATE TABLE memory (id int PRIMARY KEY, content varchar(20), embedding vector(3));
CREATE VIEW recent AS SELECT * FROM memory;
END
    '002_change.sql' => <<'END',
-- stele: one-way "the old text is gone"
BEGIN;
ALTER TABLE memory ALTER COLUMN content TYPE text, ADD COLUMN kind text NOT NULL;
CREATE TABLE fact (id int, memory int REFERENCES memory);
COMMIT;
CREATE INDEX CONCURRENTLY memory_content_idx
    ON memory (content);
INSERT INTO fact SELECT id, id FROM memory;
-- stele: verify
SELECT true;
END
    '003_end.sql' => <<'END',
DROP VIEW recent;
CREATE VIEW recent AS SELECT id FROM memory;
DROP TABLE fact;
DO $$ BEGIN NULL; END $$;
-- stele: down
CREATE TABLE fact (id int);
END
    '004_calm.sql' => "ALTER TABLE memory ADD COLUMN note text;\nDROP VIEW recent;\nCREATE VIEW recent AS SELECT 1 AS one;\n",
    '005_said.sql' => "-- stele: expand \"nobody reads it\"\nALTER TABLE memory DROP COLUMN note;\n",
    '006_said.sql' => "-- stele: contract \"the trigger wants it\"\nSELECT 1;\n",
});

# ---------------------------------------------------------------- a migration

my ($exit, $migration, $statements) = told("$dir/002_change.sql");
is($exit, 0, 'a migration is explained');
is("@{$migration}{qw(component version name statements steps back one_way)}",
    'main 002 change 7 3 one-way the old text is gone', 'what it is, and its way back');
is(join(' ', map { $migration->{$_} ? 1 : 0 } qw(transactional destroys down_destroys contracts opaque)), '0 0 0 1 0',
    'it is not one transaction, and older programs may fail after it');
is(join(' ', map { "$_->{line}-$_->{last_line}" } @{$statements}), '2-2 3-3 4-4 5-5 6-7 8-8 10-10', 'the lines of its statements');
is(join(' ', map { defined $_->{step} ? $_->{step} : '-' } @{$statements}), '- 1 1 - 2 3 1', 'and their steps');
is(join(' ', map { $_->{part} } @{$statements}), 'up up up up up up verify', 'and parts');
is(join(' ', map { $_->{transaction} ? 1 : 0 } @{$statements}), '0 1 1 0 0 1 1', 'in a transaction or not');
is($statements->[4]{alone}, 'CREATE INDEX CONCURRENTLY', 'and why not');
is($statements->[4]{if_interrupted}, 'done when index "memory_content_idx" is valid; an invalid one that it left is dropped, and it is run again', 'and what is done after a crash');
is($statements->[1]{if_interrupted}, undef, 'which in a transaction leaves nothing');
my ($alter) = @{$statements->[1]{effects}};
is(join(' ', @{$alter}{qw(on lock)}, map { $alter->{$_} ? 1 : 0 } qw(new rewrites scans destroys)), 'memory ACCESS EXCLUSIVE 0 0 0 0',
    'a wider type is no rewrite');
is($alter->{breaks}, 'it writes rows without the new column, which can\'t be null', 'a column that must be there breaks');
is(join(',', map { "$_->{on} " . ($_->{lock} || 'none') . ' ' . ($_->{new} ? 1 : 0) } @{$statements->[2]{effects}}),
    'fact none 1,memory SHARE ROW EXCLUSIVE 0', 'a foreign key locks what it refers to');
is(join(' ', map { "$_->{kind}:" . ($_->{name} // '') } map { @{$_->{demands}} } @{$statements}),
    'NEEDS_OWNER:memory NEEDS_CREATE: MAKES:fact NEEDS_REFERENCES:memory NEEDS_CREATE_BESIDE:memory MAKES:memory_content_idx NEEDS_SELECT:memory',
    'and what each is the first to need of the role');
is(join(',', map { "$_->{on} $_->{lock}" } @{$statements->[5]{effects}}), 'fact ROW EXCLUSIVE,memory ACCESS SHARE', 'what is written and read');

($exit, $migration, $statements) = told("$dir/003_end.sql");
is(join(' ', map { $migration->{$_} ? 1 : 0 } qw(transactional destroys down_destroys contracts opaque)), '1 1 0 1 1', 'a drop destroys, a DO may do anything');
is($statements->[0]{effects}[0]{breaks}, undef, 'a view that is dropped and made is still there');
ok($statements->[3]{anything}, 'the DO is marked');
is((told("$dir/004_calm.sql"))[1]{contracts}, JSON::PP::false, 'a new column that may be null breaks nothing');
is((told("$dir/005_said.sql"))[1]{contracts}, JSON::PP::false, 'a file may say that it breaks nothing');
is((told("$dir/006_said.sql"))[1]{contracts}, JSON::PP::true, 'or that it does');
my ($code, $words) = run(built('stelec'), 'explain', "$dir/002_change.sql");
like($words, qr/^    runs in 3 steps, each recorded\n    way back: none, "the old text is gone"\n    programs built before it may fail after it$/m, 'in words');
like($words, qr/^  step 2, outside a transaction\n      6  CREATE INDEX CONCURRENTLY memory_content_idx ON memory \(content\)\n +SHARE UPDATE EXCLUSIVE on memory; reads all of it\n +if interrupted: done when index/m, 'with the lines');

# ---------------------------------------------------------- in the generated table

run(built('stelec'), '-w', '-o', "$dir/m.c", $dir);
my $c = read_file("$dir/m.c");
like($c, qr/main_002__change_effects\[\] = \{\n    \{0, 8, STELE_BREAKS, "\\"memory\\""\}, .*\n    \{1, 6, 0, "\\"memory\\""\}, .*\n    \{2, 4, STELE_SCANS, /, 'the same in the table');
like($c, qr/\.flags = .*STELE_CONTRACTS \| STELE_OPAQUE,/, 'and what the migration is');
like(read_file("$dir/m.h"), qr/^#define STELE_DIM_memory_embedding 3 /m, 'the header has the dimension');
write_file("$dir/x.c", "#include \"m.h\"\n_Static_assert(STELE_DIM_memory_embedding == 4, \"another model\");\n");
my ($cc, $nothing, $complaint) = run($ENV{CC} || 'cc', '-std=c11', '-fsyntax-only', '-I' . top() . '/runtime', "$dir/x.c");
ok($cc != 0 && $complaint =~ /another model/, 'so that the compiler catches another model');

# ----------------------------------------------------------------- any file

my $file = temporary() . '.sql';
write_file($file, "SELECT 1;\n\nSELECT ';' -- ;\n;\n");
($exit, $migration, $statements) = told($file);
is("$exit $migration->{statements} " . join('|', map { $_->{text} } @{$statements}), "0 2 SELECT 1|SELECT ';'", 'a file by itself');
write_file($file, "SELEC 1;\n");
($exit, $migration, $statements, my $err) = told($file);
is($exit, 1, 'a file with an error');
like($err, qr/^\Q$file\E:1:1: error: syntax error at or near "SELEC"$/m, 'and which one');
write_file("$dir/007_broken.sql", "SELEC 1;\n");
is((told("$dir/002_change.sql"))[0], 0, "another file's error is no matter");
is((told("$dir/nothing.sql"))[0], 1, 'a file that is not there');
is((run(built('stelec'), 'explain'))[0], 2, 'no file');
is((run(built('stelec'), 'explain', 'a', 'b'))[0], 2, 'two files');

# ------------------------------------------------------------ a name in Latin-1

my $latin = temporary(1);
write_file("$latin/caf\xe9.txt", "SELECT 1;\n");
(undef, $migration) = told("$latin/caf\xe9.txt");
is($migration->{name}, "caf\x{fffd}.txt", 'a name that is no UTF-8 is still JSON');

# --------------------------------------------------------------- one long line

my $text = 'CREATE TABLE t (a int);' . join('', map { " INSERT INTO t VALUES ($_);" } 1 .. 60_000);
my $long = migrations({'001_a.sql' => $text});
my ($done, $told) = run(built('stelec'), 'explain', '-w', '--json', "$long/001_a.sql", {timeout => 60});
is($done, 0, 'a line of 60,000 statements is no trouble');
is(($told =~ /"number": 60001, [^\n]*?"column": (\d+)/)[0], 1 + rindex($text, 'INSERT'), 'and the column is that of the last');

done_testing();
