#!/usr/bin/perl
# Every folder of tests/golden/ is a case: `migrations/`, perhaps `lua/`, and what stelec makes of it, `migrations.c`,
# `migrations.h` and `stele.lock`. It may have `options`, one a line, and `stderr`, what is said about it.
# After a change that is meant: STELE_ACCEPT=1 prove -Itests/lib tests/t/100-golden.t, and read the diff.
use strict;
use warnings;
use File::Glob qw(:bsd_glob);    # the plain one splits at blanks
use Test::More;
use Stele::Test;

my $accept = $ENV{STELE_ACCEPT};
my @flags = qw(-std=c11 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -Wtrigraphs -fsyntax-only);

# A file's bytes, or none where there is no file.
sub bytes_of { my ($path) = @_; return -e $path ? read_file($path) : '' }

sub same {
    my ($got, $expected, $name) = @_;
    unlink($expected) if $accept && $got eq '';
    write_file($expected, $got) if $accept && $got ne '';
    ok($got eq bytes_of($expected), $name) or diag("this is what came out:\n$got");
}

for my $case (sort glob(top() . '/tests/golden/*')) {
    (my $name = $case) =~ s{.*/}{};
    my $work = temporary(1);
    run('cp', '-R', $_, $work) for grep { -d } "$case/migrations", "$case/lua";
    my @options = split /\n/, bytes_of("$case/options");
    my @command = (built('stelec'), @options, '-o', 'migrations.c', 'migrations', {cwd => $work});
    my ($exit, $out, $err) = run(@command);
    is("$exit|$out", '0|', "$name: is taken");
    same($err, "$case/stderr", "$name: is commented as expected");
    same(read_file("$work/migrations.c"), "$case/migrations.c", "$name: the source is as expected");
    same(read_file("$work/migrations.h"), "$case/migrations.h", "$name: the header is as expected");
    same(read_file("$work/migrations/stele.lock"), "$case/stele.lock", "$name: the lock is as expected");
    ($exit, $out, $err) = run($ENV{CC} || 'cc', @flags, '-I' . top() . '/runtime', "$work/migrations.c");
    is("$exit|$out|$err", '0||', "$name: the source compiles without a warning");

    my @times = map { (stat "$work/$_")[9, 1] } qw(migrations.c migrations.h migrations/stele.lock);
    run(@command);
    my @again = map { (stat "$work/$_")[9, 1] } qw(migrations.c migrations.h migrations/stele.lock);
    is("@again", "@times", "$name: a second run writes nothing");
}

done_testing();
