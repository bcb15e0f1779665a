#!/usr/bin/perl
# generated/ is what stelec makes of migrations/, wherever and whenever it runs.
use strict;
use warnings;
use Test::More;
use Stele::Test;

my $top = top();
my ($exit, $out, $err) = run(built('stelec'), '--check', '-o', 'generated/migrations.c', 'migrations', {cwd => $top});
is("$exit|$out|$err", '0||', 'generated/ and stele.lock are fresh') or diag('run `make migrations` and commit what it changes');

# A copy elsewhere, in another locale and time zone, gives the same bytes.
my $copy = temporary(1);
run('cp', '-R', "$top/migrations", "$copy/migrations");
($exit, $out, $err) = run(built('stelec'), '-o', 'out.c', 'migrations', {cwd => $copy, env => {LC_ALL => 'tr_TR.UTF-8', TZ => 'Asia/Tokyo'}});
is("$exit|$out|$err", '0||', 'stelec runs elsewhere');
(my $expected = read_file("$top/generated/migrations.c")) =~ s/migrations\.h"/out.h"/;
is(read_file("$copy/out.c"), $expected, 'and writes the same C');
is(read_file("$copy/migrations/stele.lock"), read_file("$top/migrations/stele.lock"), 'and the same lock');

done_testing();
