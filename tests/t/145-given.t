#!/usr/bin/perl
# What stands outside of a history: "-- stele: given FILE".
use strict;
use warnings;
use Test::More;
use Stele::Test;

my $dump = <<'END';
\restrict abc
SELECT pg_catalog.set_config('search_path', '', false);
CREATE TABLE public.users (id bigint PRIMARY KEY, embedding public.vector(1536));
CREATE TABLE public.gone (id bigint);
DROP TABLE public.gone;
COPY public.users (id) FROM stdin;
1
\.
\unrestrict abc
END

# Compile these files, path => text; what stelec said, and the folder that it worked in.
sub compile {
    my (%files) = @_;
    my $work = temporary(1);
    mkdir "$work/migrations";
    write_file("$work/$_", $files{$_}) for keys %files;
    my @command = (built('stelec'), qw(--depfile rule -o migrations.c migrations));
    my ($exit, $out, $err) = run(@command, {cwd => $work, env => {LC_ALL => 'C'}});
    return ("$exit|$err", $work);
}

my $given = "-- stele: given ../schema.sql\n";
my ($said, $work) = compile('schema.sql' => $dump, 'migrations/001_a.sql' => $given . "DROP TABLE gone;\n");
like($said, qr/\A1\|.*001_a\.sql:2:12: error: table "gone" is not there any more/s, 'what the given file dropped is absent');

($said, $work) = compile('schema.sql' => $dump, 'migrations/001_a.sql' => $given . "ALTER TABLE users DROP COLUMN embedding;\n");
like($said, qr/\A0\|.*column "embedding" of "users", .*vector\(1536\), is dropped.*\[-Wembedding-loss\]/s, 'its columns and their types are known');
like(read_file("$work/rule"), qr{ migrations/\.\./schema\.sql$}m, 'the make rule names it');
unlike(read_file("$work/$_"), qr/users \(id bigint/, "$_ has nothing of it") for qw(migrations.c migrations/stele.lock);

($said) = compile('schema.sql' => $dump,
    'migrations/001_a.sql' => $given . "DROP TABLE users;\n",
    'migrations/002_b.sql' => $given . "ALTER TABLE users ADD COLUMN x int;\n");
like($said, qr/002_b\.sql:2:\d+: error: table "users" is not there any more/, 'given by several, it counts once');

($said) = compile('migrations/schema.sql' => $dump, 'migrations/001_a.sql' => "-- stele: given schema.sql\nALTER TABLE users ADD COLUMN x int;\n");
is($said, '0|', 'in the folder of migrations it has any name');

($said) = compile('schema.sql' => "CREATE TABEL x;\n\\copy x from y\n", 'migrations/001_a.sql' => $given . "SELECT 1;\n");
like($said, qr{\A1\|.*migrations/\.\./schema\.sql:1:8: error: syntax error at or near "TABEL"}s, 'what is wrong in it is told at its place');
like($said, qr{migrations/\.\./schema\.sql:2:1: error: psql command "\\copy"}, 'all of it');

($said) = compile('migrations/001_a.sql' => "SELECT 1;\n" . $given);
like($said, qr/can't read file.*note: "001_a\.sql" names it in line 2/s, 'one that is missing is refused with who names it');

($said) = compile('schema.sql' => "CREATE TABLE base (id int);\n", 'migrations/001_a.sql' => $given . "CREATE TABLE own (id int);\n",
    'migrations/002_b.sql' => "ALTER TABLE elsewhere ADD COLUMN x int;\n");
is($said, '0|', 'with one, no table is called unknown');

done_testing();
