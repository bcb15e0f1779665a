#!/usr/bin/perl
# The tools say what is wrong, and do nothing when there is nothing to do.
use strict;
use warnings;
use Test::More;
use Stele::Test;

my $top = top();
my ($exit, $out, $err) = run("$top/tests/tools/install-packages");
is("$exit|$out|$err", '0||', 'install-packages is silent when all is there');

($exit, $out, $err) = run("$top/tests/tools/get-postgres", {env => {STELE_POSTGRES => '/none'}});
ok($exit && $err =~ /no PostgreSQL 14 or newer with pgvector and pg_trgm in STELE_POSTGRES=\/none/,
    'a server that is named must be one') or diag($err);

# A server without the extensions, and a pg_config of another one, that has them, in the PATH.
my $bare = temporary();
mkdir($_) for $bare, map { "$bare/$_" } qw(bin path other other/extension);
for my $file ((map { "bin/$_" } qw(postgres initdb pg_ctl psql pg_dump)), 'path/pg_config', map { "other/extension/$_.control" } qw(vector pg_trgm)) {
    open(my $script, '>', "$bare/$file") or die "$file: $!\n";
    print {$script} "#!/bin/sh\necho ", $file eq 'path/pg_config' ? "$bare/other" : 'postgres 17.0', "\n";
    close($script);
    chmod(0755, "$bare/$file");
}
($exit, $out, $err) = run("$top/tests/tools/get-postgres", {env => {STELE_POSTGRES => "$bare/bin", PATH => "$bare/path:$ENV{PATH}"}});
ok($exit && $err =~ /no PostgreSQL 14 or newer/, "another server's extensions are none of its own") or diag("$out$err");

($exit, $out, $err) = run("$top/tests/tools/server", 'stat');
ok($exit == 2 && $err =~ /server start/, 'server says how it is used');

($exit, $out, $err) = run("$top/tests/tools/run-tests", 'no-such-test', {cwd => '/'});
ok($exit == 2 && $err =~ /no test has "no-such-test" in its name/, 'a pattern that fits no test is an error');

($exit, $out, $err) = run('make', '-s', 'help', {cwd => $top});
ok(!$exit && $out =~ /^check /m, 'make help');

# A prefix that holds no libpg_query is refused before anything is compiled.
my $build = temporary();
($exit, $out, $err) = run('make', '-s', "BUILD=$build", 'PGQUERY=/none', "$build/stelec", {cwd => $top});
ok($exit && $err =~ /there is no libpg_query 17 in PGQUERY=\/none/, 'PGQUERY must hold libpg_query') or diag("$out$err");

done_testing();
