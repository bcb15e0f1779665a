#!/usr/bin/perl
# `make install`: what an application needs, and nothing of the checkout in it.
use strict;
use warnings;
use Test::More;
use Stele::Test;

my $root = temporary(1);
my ($exit, $out, $err) = run('make', '-s', 'install', "DESTDIR=$root", 'PREFIX=/opt/stele', {cwd => top()});
is($exit, 0, 'make install') or diag("$out$err");
for my $file (qw(bin/stelec lib/libstele.a lib/pkgconfig/stele.pc include/stele.h include/stele_job.h share/man/man1/stelec.1
    share/doc/stele/guide.md share/doc/stele/jobs.md share/doc/stele/ledger.md)) {
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

# What pkg-config says is all that an application needs to be linked.
SKIP: {
    skip('no pkg-config, or no libpq.pc', 4) if (run('pkg-config', '--exists', 'libpq', 'libcrypto'))[0];
    my @pkg_config = ('pkg-config', "--define-variable=prefix=$root/opt/stele");
    my %env = (PKG_CONFIG_PATH => join(':', "$root/opt/stele/lib/pkgconfig", $ENV{PKG_CONFIG_PATH} || ()));
    my %setting = settings();
    my ($version) = read_file(top() . '/runtime/stele.h') =~ /^#define STELE_VERSION "(.*)"$/m;
    is(join('|', run('pkg-config', '--modversion', 'stele', {env => \%env})), "0|$version\n|", 'pkg-config knows the version');
    ($exit, $out, $err) = run(@pkg_config, '--cflags', '--libs', 'stele', {env => \%env});
    is("$exit|$err", '0|', 'and the flags');
    write_file($source, "#include <stele.h>\nint main(void) { return stele_main(0, 0, 0); }\n");
    ($exit, $out, $err) = run('sh', '-c', "$setting{CC} $setting{CFLAGS} -o '$source.out' '$source' $setting{LDFLAGS} $out");
    is("$exit|$err", '0|', 'with which an application is linked');
    unlike(read_file("$root/opt/stele/lib/pkgconfig/stele.pc"), qr/\Q@{[top()]}\E/, 'without a word of the checkout');
}

done_testing();
