#!/usr/bin/perl
# Memory runs out at the first request for it, at the second, and so on, here and in libcurl: it is said, no text is lost, and it goes on when there is memory again.

use strict;
use warnings;

use Stele::Provider;
use Stele::Test;
use Test::More;

my ($preload, $why) = preloadable('failing_malloc');
plan(skip_all => $why) unless $preload;

my $provider = Stele::Provider->new;
my $count = temporary();

sub starved {
    my ($n, $library, @arguments) = @_;
    my %env = (LD_PRELOAD => $preload, FAILING_MALLOC => $n, FAILING_MALLOC_COUNT => $count, TEST_KEY => 'sk-0123456789', $library ? (FAILING_MALLOC_OF => $library) : ());
    return embed($provider, @arguments, dimensions => 8, restarts => 3, give_up => 120000, {env => \%env});
}

$provider->reset(refuse => 'number 5:', dimensions => 8);
for my $case (['', kind => 'http', key => 'TEST_KEY'], ['', kind => 'callback', poison => 'number 5:'], ['', kind => 'fixed'], ['libcurl', kind => 'http', key => 'TEST_KEY']) {
    my ($library, @arguments) = (@{$case}, texts => 12, max_inputs => 4);
    my $failed = $arguments[1] eq 'fixed' ? 0 : 1;
    my $told = starved(0, $library, @arguments);
    is($told->{failed}, $failed, "$library $arguments[1], with all the memory it wants");
    my $requests = 0 + read_file($count);
    my ($step, @wrong) = ($library ? 1 + int($requests / 25) : 1);    # of libcurl's, each costs a pause
    for (my $n = 1; $n <= $requests; $n += $step) {
        $told = starved($n, $library, @arguments);
        next if $told->{exit} == 9;
        next if defined $told->{open} && $told->{open} =~ /out of memory|can't be initialized/;
        my $ends = join(' ', map { $told->{$_} // '-' } qw(exit failed left stopped));
        push(@wrong, "request $n: $ends: $told->{out}$told->{err}") if $ends ne "0 $failed 0 0";
        push(@wrong, "request $n: $told->{submit}") if defined $told->{submit} && $told->{submit} ne 'out of memory';
    }
    is(join("\n", @wrong), '', "... each of its $requests requests may fail" . ($step > 1 ? ": one of $step" : ''));
}

done_testing();
