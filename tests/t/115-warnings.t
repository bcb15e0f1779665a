#!/usr/bin/perl
# Every folder of tests/warnings/ is a rule. In it `fires/` is a case in which it speaks, with `expected`, all that stelec says while the other
# rules are off; and `silent/` one that looks like it, about which the rule says nothing. More cases of a rule are fires-NAME/ and silent-NAME/.
# A case has `migrations/`, and perhaps `options`, one a line, and `folders`, one a line, where there are several. After a change that is meant:
# STELE_ACCEPT=1 prove -Itests/lib tests/t/115-warnings.t, and read the diff.
use strict;
use warnings;
use File::Basename qw(basename);
use File::Find;
use File::Glob qw(:bsd_glob);    # the plain one splits at blanks
use Test::More;
use Stele::Test;

my $accept = $ENV{STELE_ACCEPT};

my ($exit, $list) = run(built('stelec'), '--help=warnings');
my %level = map { /^\s+(\S+)\s+(-Wextra|error)?\s/ ? ($1 => $2 || 'on') : () } split /\n/, $list;
ok(keys %level > 1, 'stelec lists its warnings');

sub lines {
    my ($file) = @_;
    return -e $file ? split(/\n/, read_file($file)) : ();
}

# Run stelec over a copy of the case, with no other rule on: exit code, what it said, whether it wrote. With a head, each file begins with that.
sub try_case {
    my ($rule, $case, $head, @more) = @_;
    my @others = map { "-Wno-$_" } grep { $_ ne $rule } sort keys %level;
    my $work = temporary(1);
    run('cp', '-R', "$case/.", $work);
    my @sql;
    find(sub { push @sql, $File::Find::name if /\.(sql|lua)$/ }, $work);
    for my $file ($head ? @sql : ()) {
        write_file($file, "$head\n" . read_file($file));
    }
    my @folders = lines("$case/folders");
    my ($code, $out, $err) = run(built('stelec'), @others, lines("$case/options"), @more, '-o', 'out.c', @folders ? @folders : 'migrations',
        {cwd => $work, env => {LC_ALL => 'C'}});
    return ($code, $err, -e "$work/out.c" || -e "$work/out.h");
}

sub speaks {
    my ($err, $rule) = @_;
    return scalar(() = $err =~ /\[-W(?:error=)?\Q$rule\E\]/g);
}

sub check_fires {
    my ($rule, $case) = @_;
    my $name = basename($case) eq 'fires' ? $rule : "$rule, " . basename($case);
    my $is_error = ($level{$rule} || '') eq 'error';
    my ($code, $err) = try_case($rule, $case);
    write_file("$case/expected", $err) if $accept;
    is($err, read_file("$case/expected"), "$name: is told so");
    ok(speaks($err, $rule), "$name: under its name");
    is($code, $is_error ? 1 : 0, "$name: is " . ($is_error ? 'refused' : 'no reason to refuse'));
    ok(!speaks((try_case($rule, $case, undef, "-Wno-$rule"))[1], $rule), "$name: -Wno-$rule silences it");
    ok(!speaks((try_case($rule, $case, "-- stele: allow $rule \"a test\""))[1], $rule), "$name: so does allow, in the file");
    my ($refused, $said, $written) = try_case($rule, $case, undef, "-Werror=$rule");
    ok($refused == 1 && $said =~ /\[-Werror=\Q$rule\E\]/ && !$written, "$name: -Werror=$rule refuses it and writes nothing");
    (undef, $said) = try_case($rule, $case, undef, "-Wno-error=$rule", '-Werror');
    ok($said =~ /\[-W\Q$rule\E\]/ && $said !~ /\[-Werror=\Q$rule\E\]/, "$name: -Wno-error=$rule spares it from -Werror");
}

for my $folder (sort glob(top() . '/tests/warnings/*')) {
    my $rule = basename($folder);
    ok($level{$rule}, "$rule: is a rule");
    check_fires($rule, $_) for sort glob("$folder/fires*");
    for my $case (sort glob("$folder/silent*")) {
        my $name = basename($case) eq 'silent' ? $rule : "$rule, " . basename($case);
        my ($code, $err) = try_case($rule, $case);
        is(speaks($err, $rule), 0, "$name: nothing is said where it is all right") or diag($err);
        ok($code == 0 || $level{$rule} ne 'error', "$name: which is built") or diag($err);
    }
}
my $manual = read_file(top() . '/docs/stelec.1');
for my $rule (sort keys %level) {
    like($manual, qr/^\.It Cm \Q$rule\E( Pq .*)?$/m, "$rule: is in the manual");
    ok(-d top() . "/tests/warnings/$rule/$_", "$rule: has a case that $_") for qw(fires silent);
}

my ($silent_rule) = grep { $level{$_} eq '-Wextra' } sort keys %level;
my $case = top() . "/tests/warnings/$silent_rule/fires";
is(speaks((try_case($silent_rule, $case, undef, "-Wno-$silent_rule", "-Wno-error=$silent_rule"))[1], $silent_rule), 0,
    '-Wno-error=NAME turns on nothing that is off');

done_testing();
