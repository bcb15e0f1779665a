#!/usr/bin/perl
# Every folder of tests/refused/ is a case: `migrations/`, and perhaps `lua/`, which is wrong in some way, and `expected`, what stelec says.
# It may have `options`, one a line. After a change that is meant: STELE_ACCEPT=1 prove -Itests/lib
# tests/t/110-refused.t, and read the diff.
use strict;
use warnings;
use File::Glob qw(:bsd_glob);    # the plain one splits at blanks
use Test::More;
use Stele::Test;

my $accept = $ENV{STELE_ACCEPT};

for my $case (sort glob(top() . '/tests/refused/*')) {
    (my $name = $case) =~ s{.*/}{};
    my $work = temporary(1);
    run('cp', '-R', $_, $work) for grep { -d } "$case/migrations", "$case/lua";
    my @before = sort map { glob("$work/$_") } qw(* migrations/* lua/*);
    my @options = -e "$case/options" ? split(/\n/, read_file("$case/options")) : ();
    my ($exit, $out, $err) =
        run(built('stelec'), @options, '-o', 'migrations.c', 'migrations', {cwd => $work, env => {LC_ALL => 'C'}});
    is("$exit|$out", '1|', "$name: is refused");
    write_file("$case/expected", $err) if $accept;
    is($err, read_file("$case/expected"), "$name: with this complaint");
    is(join(' ', sort map { glob("$work/$_") } qw(* migrations/* lua/*)), "@before", "$name: and nothing was written");
}

done_testing();
