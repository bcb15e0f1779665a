#!/usr/bin/perl
# Some seconds of what `make fuzz` does for as long as it is told: random and mutated input ends with an answer.
use strict;
use warnings;
use File::Glob qw(:bsd_glob);    # the plain one splits at blanks
use Test::More;
use Stele::Test;

my $probe = temporary();
write_file("$probe.c", "#include <stddef.h>\nint LLVMFuzzerTestOneInput(const unsigned char *d, size_t n);\n"
    . "int LLVMFuzzerTestOneInput(const unsigned char *d, size_t n) { return n > 0 && d == NULL; }\n");
my ($missing) = run('sh', '-c', 'command -v clang && exec clang -fsanitize=fuzzer,address,undefined -o "$0" "$0.c"', $probe);
plan(skip_all => 'no clang with libFuzzer is here') if $missing;

my ($exit, $out, $err) = run('make', '-C', top(), '-j2', 'CC=clang', 'SANITIZE=fuzzer-no-link,address,undefined',
    'harnesses', {timeout => 500});
is($exit, 0, 'the harnesses are built') or diag($out, $err);
($exit, $out, $err) = run(top() . '/tests/fuzz/run', top() . '/build/fuzz', 10, {timeout => 300, env => {STELE_FUZZ => temporary(1)}});
is($exit, 0, 'and find nothing') or diag($out, $err);
my @inputs = $out =~ /inputs: (\d+)/g;
my @harnesses = glob(top() . '/tests/fuzz/*.c');
is(scalar(grep { $_ > 0 } @inputs), scalar @harnesses, "each harness had its share of inputs: @inputs");

done_testing();
