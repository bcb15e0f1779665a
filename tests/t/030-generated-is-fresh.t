#!/usr/bin/perl
# generated/ is what stelec makes of migrations/, wherever and whenever it runs.
use strict;
use warnings;
use Test::More;
use Stele::Test;

my $top = top();
my ($exit, $out, $err) = run(built('stelec'), '--check', '-o', 'generated/migrations.c', '--lua', 'lua', 'migrations', {cwd => $top});
is("$exit|$out|$err", '0||', 'generated/ and stele.lock are fresh') or diag('run `make migrations` and commit what it changes');

# A copy elsewhere, in another locale and time zone, gives the same bytes.
my $copy = temporary(1);
mkdir("$copy/generated") or die;
run('cp', '-R', "$top/$_", "$copy/$_") for qw(migrations lua);
($exit, $out, $err) = run(built('stelec'), '-o', 'generated/migrations.c', '--lua', 'lua', 'migrations', {cwd => $copy, env => {LC_ALL => 'tr_TR.UTF-8', TZ => 'Asia/Tokyo'}});
is("$exit|$out|$err", '0||', 'stelec runs elsewhere');
for my $file (qw(generated/migrations.c generated/migrations.h migrations/stele.lock)) {
    ok(read_file("$copy/$file") eq read_file("$top/$file"), "and writes the same $file");
}

done_testing();
