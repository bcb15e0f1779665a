#!/usr/bin/perl
# What stelec writes into the table of each statement outside a transaction: what to ask when nobody knows how it ended. Names that a
# parameter gives are known at run time; where they can't be, nothing is asked.

use strict;
use warnings;

use Stele::Test;
use Test::More;

my @cases = (
    ['CREATE INDEX CONCURRENTLY IF NOT EXISTS "I""x" ON "S q".t (x)', '{.kind = STELE_PROBE_INDEX, .lenient = 1, .on = "\"S q\".\"t\"", .name = "I\"x"}'],
    ['CREATE INDEX CONCURRENTLY ON t (x)', '{.kind = STELE_PROBE_INDEX, .on = "\"t\""}'],
    ['CREATE INDEX CONCURRENTLY ' . 'i' x 70 . ' ON t (x)', '{.kind = STELE_PROBE_INDEX, .on = "\"t\"", .name = "' . 'i' x 63 . '"}'],
    ['CREATE INDEX CONCURRENTLY i ON t (x) WHERE y = ${text}', '{.kind = STELE_PROBE_INDEX, .on = "\"t\"", .name = "i"}'],
    ['CREATE INDEX CONCURRENTLY i ON ${where}.t (x)', '{.kind = STELE_PROBE_INDEX, .on = "\"t\"", .name = "i", .on_parameter = 3}'],
    ['CREATE INDEX CONCURRENTLY i ON ${what} (x)', '{.kind = STELE_PROBE_INDEX, .name = "i", .on_parameter = 2}'],
    ['CREATE INDEX CONCURRENTLY ${what} ON t (x)', undef],
    ['CREATE INDEX CONCURRENTLY i ON ${where}.${what} (x)', undef],
    ['CREATE INDEX CONCURRENTLY i ON "a${where}".t (x)', undef],
    ['CREATE INDEX CONCURRENTLY i ON ppppppp (x) WHERE y = ${what}', undef],
    ['DROP INDEX CONCURRENTLY ${where}.i', '{.kind = STELE_PROBE_NO_INDEX, .on = "\"i\"", .on_parameter = 3}'],
    ['DROP INDEX CONCURRENTLY IF EXISTS a.b', '{.kind = STELE_PROBE_NO_INDEX, .lenient = 1, .on = "\"a\".\"b\""}'],
    ['DROP INDEX CONCURRENTLY c, d', undef],
    ['REINDEX INDEX CONCURRENTLY e.f', '{.kind = STELE_PROBE_REINDEX_INDEX, .on = "\"e\".\"f\""}'],
    ['REINDEX TABLE CONCURRENTLY ${where}.t', '{.kind = STELE_PROBE_REINDEX_TABLE, .on = "\"t\"", .on_parameter = 3}'],
    ['REINDEX SCHEMA CONCURRENTLY s', '{.kind = STELE_PROBE_REINDEX_SCHEMA, .name = "s"}'],
    ['REINDEX SCHEMA CONCURRENTLY ${where}', undef],
    ['REINDEX DATABASE CONCURRENTLY d', '{.kind = STELE_PROBE_REINDEX_DATABASE}'],
    ['REINDEX SCHEMA s', '{.kind = STELE_PROBE_REPEAT}'],
    ['ALTER TABLE p DETACH PARTITION s.q CONCURRENTLY', '{.kind = STELE_PROBE_DETACH, .on = "\"p\"", .name = "\"s\".\"q\""}'],
    ['ALTER TABLE ${where}.p DETACH PARTITION ${what} CONCURRENTLY', '{.kind = STELE_PROBE_DETACH, .on = "\"p\"", .on_parameter = 3, .name_parameter = 2}'],
    ['CREATE DATABASE d', '{.kind = STELE_PROBE_DATABASE, .name = "d"}'],
    ['DROP DATABASE IF EXISTS d', '{.kind = STELE_PROBE_NO_DATABASE, .lenient = 1, .name = "d"}'],
    ['ALTER DATABASE d SET TABLESPACE x', '{.kind = STELE_PROBE_REPEAT}'],
    ["CREATE TABLESPACE x LOCATION '/x'", '{.kind = STELE_PROBE_TABLESPACE, .name = "x"}'],
    ['DROP TABLESPACE x', '{.kind = STELE_PROBE_NO_TABLESPACE, .name = "x"}'],
    ["CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p", '{.kind = STELE_PROBE_SUBSCRIPTION, .name = "s"}'],
    ['DROP SUBSCRIPTION s', '{.kind = STELE_PROBE_NO_SUBSCRIPTION, .name = "s"}'],
    ['ALTER SUBSCRIPTION s REFRESH PUBLICATION', '{.kind = STELE_PROBE_REPEAT}'],
    ['ALTER SUBSCRIPTION s ADD PUBLICATION q', undef],
    (map { [$_, '{.kind = STELE_PROBE_REPEAT}'] } 'VACUUM ${where}.t', 'CLUSTER', "ALTER SYSTEM SET work_mem = '5MB'", 'DISCARD ALL'),
    ['DO $$ BEGIN COMMIT; END $$', undef],
);

# The folder before has a parameter of its own: so those of this one are numbered differently in the table than in it.
my $first = migrations({'stele.conf' => "component a\nparameter text literal run 'x'\n", '001_a.sql' => "SELECT \${text};\n"});
my %files = ('stele.conf' => "component b\nparameter what identifier run 'x'\nparameter where identifier run 'x'\nparameter text literal run 'x'\n");
$files{sprintf('%03d_x.sql', $_ + 1)} = "$cases[$_][0];\n" for 0 .. $#cases;
my $second = migrations(\%files);
my ($exit, $out, $err) = run(built('stelec'), '-w', '-o', my $path = temporary() . '.c', $first, $second);
is($exit, 0, 'two folders are compiled') or diag($err);
my $c = read_file($path);
for my $i (0 .. $#cases) {
    my ($sql, $probe) = @{$cases[$i]};
    my $version = sprintf('%03d', $i + 1);
    my ($steps) = $c =~ /^static const stele_step b_${version}__x_steps\[\] = \{\n(.*)\n\};$/m;
    is($steps, '    {.first = 0, .count = 1, .alone = 1' . (defined $probe ? ", .probe = $probe" : '') . '},', substr($sql, 0, 60));
}

# What its author says may be run twice.
for my $sql ("-- stele: unparsed\nWHATEVER;\n", "CALL work();\n", "DO \$\$ BEGIN NULL; END \$\$;\n") {
    my $folder = migrations({'stele.conf' => "parameter what identifier run 'x'\n", '001_x.sql' => "-- stele: no-transaction\n-- stele: idempotent\n$sql"});
    run(built('stelec'), '-w', '-o', $path, $folder);
    like(read_file($path), qr/\.alone = 1, \.probe = \{\.kind = STELE_PROBE_REPEAT\}/, 'idempotent: ' . ($sql =~ s/\n.*//sr));
}

{
    my $folder = migrations({'stele.conf' => "parameter what identifier run 'x'\n", '001_x.sql' => "-- stele: idempotent\nCREATE INDEX CONCURRENTLY IF NOT EXISTS i ON \"a\${what}\" (x);\n"});
    run(built('stelec'), '-w', '-o', $path, $folder);
    unlike(read_file($path), qr/\.probe/, 'but no index build is, which may leave an invalid index that IF NOT EXISTS takes for a good one');
}

done_testing();
