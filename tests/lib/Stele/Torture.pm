package Stele::Torture;

# Sweeps: one thing tried in every way it can go wrong. A script of tests/torture/ says what is tried:
#
#     use Stele::Torture;
#     sweep('kill -9 at a message from the server',
#         check => 25,                                         # of these, make check tries so many, chosen at random
#         cases => sub { map { ['s', $_] } 1 .. 100 },         # not run before it is needed
#         try   => sub { my ($side, $number) = @_; ...; return @wrong },    # nothing, when all is well
#     );
#
# `make torture` tries all cases of every sweep, through tests/torture/run, which makes the table. A test of tests/t/ tries some:
#
#     use Stele::Torture;
#     sample('kill');    # the sweeps of tests/torture/kill, as TAP; STELE_SEED repeats a choice
#
# One case alone: STELE_CASE='s 17' tests/torture/run 'kill -9'.

use strict;
use warnings;

use Exporter qw(import);
use List::Util qw(shuffle);
use Stele::Test;
use Time::HiRes qw(time);

our @EXPORT = qw(sweep sample not_here rehearsal seen);

$| = 1;
my ($sampling, %seen);

# Count what came of a try, once or so many times: the table has it. So a sweep that disturbs nothing is found out.
sub seen {
    my ($what, $times) = @_;
    $seen{$what} += $times // 1;
    return;
}

sub what_was_seen { return join(', ', map { "$_ x $seen{$_}" } sort keys %seen) }

# In a sample, less of what is large may do.
sub rehearsal { return $sampling }

# This sweep can't be made on this host: called by `cases`.
sub not_here { die {not_here => $_[0]} }

sub sweep {
    my ($name, %of) = @_;
    if ($sampling) {
        try_some($name, \%of);
    } elsif (defined $ENV{STELE_SWEEP}) {
        try_all($name, \%of) if $ENV{STELE_SWEEP} eq $name;
    } else {
        print "$name\n";
    }
    return;
}

sub cases_of {
    my ($of) = @_;
    my @cases = eval { $of->{cases}->() };
    my $error = $@;
    return (\@cases) if $error eq '';
    return (undef, $error->{not_here}) if ref $error;
    die $error;
}

# What went wrong with a case, in words; a death is wrong, too.
sub attempt {
    my ($of, $case) = @_;
    my @wrong = eval { $of->{try}->(@{$case}) };
    push(@wrong, "the instrument broke: $@") if $@ ne '';
    my %told;
    return map { "at \"@{$case}\": $_" } grep { !$told{$_}++ } @wrong;
}

# ------------------------------------------------------------------ make torture

# The line that the runner makes its table of.
sub result {
    my ($name, $tried, $lost, $start, $note) = @_;
    print join("\t", 'RESULT', $name, $tried, $lost, sprintf('%.0f', time() - $start), $note), "\n";
    return;
}

sub try_all {
    my ($name, $of) = @_;
    my $start = time();
    my ($cases, $why_not) = cases_of($of);
    if (!$cases) {
        result($name, 0, 0, $start, "skipped: $why_not");
        return;
    }
    my @cases = defined $ENV{STELE_CASE} ? grep { "@{$_}" eq $ENV{STELE_CASE} } @{$cases} : @{$cases};
    my $limit = $ENV{STELE_TORTURE_TIME};
    @cases = shuffle(@cases) if $limit;
    my ($tried, $lost, $told, $begin) = (0, 0, time(), time());
    print "$name: " . @cases . " cases\n";
    for my $case (@cases) {
        last if $limit && $tried && time() - $start > $limit;    # what takes long to prepare is tried, too
        my @wrong = attempt($of, $case);
        $tried++;
        $lost++ if @wrong;
        print "LOST $name, $_\n" for @wrong;
        next if time() < $told + 10;
        $told = time();
        printf("%s: %d of %d, %d lost, about %.0f s to go\n", $name, $tried, scalar @cases, $lost, ($told - $begin) / $tried * (@cases - $tried));
    }
    result($name, $tried, $lost, $start, ($tried < @cases ? "of " . @cases . ', in the time given; ' : '') . what_was_seen());
    return;
}

# -------------------------------------------------------------------- make check

sub try_some {
    my ($name, $of) = @_;
    my ($cases, $why_not) = cases_of($of);
    if (!$cases) {
        SKIP: { Test::More::skip("$name: $why_not", 1) }
        return;
    }
    my $count = @{$cases};
    my @some = (shuffle(@{$cases}))[0 .. ($of->{check} < $count ? $of->{check} : $count) - 1];
    %seen = ();
    my @wrong = map { attempt($of, $_) } @some;
    Test::More::note(what_was_seen());
    Test::More::is(join("\n", @wrong), '', "$name: " . @some . " of $count");
    return;
}

# Try a sample of each sweep of a script.
sub sample {
    my ($script) = @_;
    require Test::More;
    my $seed = $ENV{STELE_SEED} // int(rand(1_000_000));
    srand($seed);
    Test::More::note("STELE_SEED=$seed chooses these again");
    $sampling = 1;
    my $path = top() . "/tests/torture/$script";
    my $done = do $path;
    die "$path: " . ($@ || $!) unless defined $done;
    Test::More::done_testing();
    return;
}

1;
