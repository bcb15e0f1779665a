#!/usr/bin/perl
# A linker takes a name from the first member of an archive that has it, and says nothing of a second one.
use strict;
use warnings;
use Test::More;
use Stele::Test;

for my $library ('libstele.a', 'libstelec.a') {
    my ($exit, $out, $err) = run('nm', '-g', '--defined-only', built($library));
    is($exit, 0, "$library is read") or diag($err);
    my %seen;
    $seen{$1}++ while $out =~ /^[0-9a-f]+ [A-TV-Z] (\w+)$/mg;
    cmp_ok(scalar keys %seen, '>', 100, "$library has names");
    is(join(' ', sort grep { $seen{$_} > 1 } keys %seen), '', "$library has no name twice");
    is(join(' ', sort grep { !/^(?:stele|cli|)_/ } keys %seen), '', "all of $library begin with stele_, or cli_") if $library eq 'libstele.a';
}

done_testing();
