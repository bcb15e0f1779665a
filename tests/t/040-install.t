#!/usr/bin/perl
# `make install`: what an application needs, and nothing of the checkout in it.
use strict;
use warnings;
use Test::More;
use Stele::Test;

my $root = temporary(1);
my ($exit, $out, $err) = run('make', '-s', 'install', "DESTDIR=$root", 'PREFIX=/opt/stele', {cwd => top()});
is($exit, 0, 'make install') or diag("$out$err");
for my $file (qw(bin/stelec lib/libstele.a include/stele.h)) {
    ok(-s "$root/opt/stele/$file", "$file is there");
}
is((run("$root/opt/stele/bin/stelec", '--version'))[0], 0, 'the stelec that was installed runs');

# The public header needs nothing but itself.
my $source = temporary() . '.c';
write_file($source, "#include <stele.h>\nint main(void) { stele_result r; return sizeof r == 0; }\n");
for my $compiler (['cc', '-std=c11'], ['c++', '-x', 'c++', '-std=c++11']) {
    my @command = (@{$compiler}, qw(-Wall -Wextra -Wpedantic -Werror), "-I$root/opt/stele/include", '-fsyntax-only', $source);
    SKIP: {
        skip("no $compiler->[0]", 1) if (run('sh', '-c', "command -v $compiler->[0]"))[0];
        ($exit, $out, $err) = run(@command);
        is("$exit|$err", '0|', "stele.h compiles alone with $compiler->[0]");
    }
}

done_testing();
