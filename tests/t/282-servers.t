#!/usr/bin/perl
# Older and newer servers than the one that all other tests run on: the reference history with the commands, roles and
# rights; and of jobs the triggers, the index, the switch, and a role that may do little. 15 is the host's own, where Debian has it; the newest is looked at where `make torture` has fetched it, which runs every test
# of the runtime on both.

use strict;
use warnings;

use Stele::Test;
use Test::More;

my $deps = top() . '/build/deps';
my $default = postgres('postgres');
my @tests = map { top() . "/tests/t/$_.t" } '280-reference-history', '271-rights', '273-role', '650-follow', '652-index', '654-switch', '659-hosted-role';

# The folder of its programs; or why there is none.
sub find_server {
    my ($major) = @_;
    my $fetched = "$deps/pg$major/usr/lib/postgresql/$major/bin";
    return ($fetched) if -e "$deps/pg$major/.stamp";
    return (undef, "make torture fetches it") if $major > 15;
    my ($exit, $out, $err) = run(top() . '/tests/tools/copy-postgres', $major, "$deps/pg$major", {timeout => 300});
    chomp($out, $err);
    return $exit ? (undef, $err =~ s/\A.*\n(?=.)//sr) : ($out);
}

for my $major (15, 18) {
    subtest "PostgreSQL $major" => sub {
        my ($bin, $why) = find_server($major);
        plan(skip_all => "no PostgreSQL $major: $why") unless defined $bin;
        like((run("$bin/postgres", '-V'))[1], qr/PostgreSQL\) $major[.\d]/, 'it is that version');
        for my $test (@tests) {
            my ($exit, $out, $err) = run($^X, '-I' . top() . '/tests/lib', $test, {env => {STELE_POSTGRES => $bin}, timeout => 600});
            is($exit, 0, $test =~ s{.*/}{}r) or diag(join("\n", grep { /^not ok/ } split(/\n/, $out)), "\n$err");
        }
    };
}

done_testing();
