#!/usr/bin/perl
# The manual says what the programs say: every option is in it and none that isn't,
# its example compiles, and its pages are well formed.

use strict;
use warnings;

use File::Basename qw(basename);
use File::Glob qw(:bsd_glob);    # the plain one splits at blanks
use Stele::Test;
use Test::More;

my $docs = top() . '/docs';

# The long options that a text names, once each.
sub options {
    my %seen = map { $_ => 1 } grep { !/^--(?:help|version)$/ } @_;
    return join(' ', sort keys %seen);
}

sub options_of_help { return options($_[0] =~ /(--[a-z][a-z-]*)/g) }
sub options_of_page { return options(map { "--$_" } read_file($_[0]) =~ /Fl -([a-z][a-z-]*)/g) }

for (['stelec', built('stelec')], ['stele', built('stele-reference')]) {
    my ($page, $program) = @{$_};
    my ($exit, $help) = run($program, '--help');
    is(options_of_page("$docs/$page.1"), options_of_help($help), "$page(1) has the options of --help");
}

# The commands of --help stand in a column of their own.
my ($exit, $help) = run(built('stele-reference'), '--help');
for my $command ($help =~ /^  ([a-z]+) /mg) {
    like(read_file("$docs/stele.1"), qr/^\.It Cm $command\b/m, "stele(1) has $command");
}

# Every function of the headers is in libstele(3), and no other.
my %declared = map { $_ => 1 } (read_file(top() . '/runtime/stele.h') . read_file(top() . '/runtime/stele_job.h')) =~ /^[a-z].*?\b(stele_\w+)\(/mg;
# And each verb of a job is in stele(1).
($exit, $help) = run(built('stele-reference'), 'job', '--help');
my @verbs = $help =~ /^  (job [a-z]+(?: (?:list|retry)\b)?)/mg;
cmp_ok(scalar(@verbs), '>=', 17, 'the verbs of a job');
like(read_file("$docs/stele.1"), qr/^\.It Cm $_\b/m, "stele(1) has $_") for @verbs;

my %described = map { $_ => 1 } read_file("$docs/libstele.3") =~ /^\.F[on] (stele_\w+)/mg;
is(join(' ', sort keys %described), join(' ', sort keys %declared), 'libstele(3) has the functions of stele.h and stele_job.h');

my %setting = settings();
my @examples = read_file("$docs/libstele.3") =~ /^\.Bd -literal\n(.*?)^\.Ed/msg;
is(scalar(@examples), 2, 'libstele(3) has two examples');
for my $example (@examples) {
    write_file((my $source = temporary()) . '.c', $example =~ s/\\e/\\/gr);
    my ($status, $out, $err) = run('sh', '-c', "$setting{CC} $setting{CFLAGS} -I\"\$1/runtime\" -I\"\$1/generated\" -o /dev/null -c \"\$2\"",
        $0, top(), "$source.c");
    is($status, 0, '... which compile') or diag($err);
}

SKIP: {
    my @pages = glob("$docs/*.[135]");
    my ($missing) = run('sh', '-c', 'command -v groff');
    skip('no groff here', scalar @pages) if $missing;
    for my $page (@pages) {
        my ($exit, $text, $warnings) = run('groff', '-mdoc', '-Tutf8', '-ww', $page);
        is($exit . $warnings, '0', basename($page) . ' is well formed');
    }
}

done_testing();
