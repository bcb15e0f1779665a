#!/usr/bin/perl
# A provider as a whole fails: all wait, batches stay whole, nobody is given up; and when nothing helps, it is said.

use strict;
use warnings;

use Stele::Provider;
use Stele::Test;
use Test::More;

my $provider = Stele::Provider->new;
my $told;

# ------------------------------------------------------- the provider as a whole

for my $case ([429, retry_after => 1], [429, retry_after => 1, retry_form => 'date'], [429, retry_after => 0.3, retry_form => 'ms'], [503, retry_after => 1], [503, retry_after => 0],
    [529, retry_after => 0], [502, retry_after => 0], [504, retry_after => 0], [500, retry_after => 0]) {
    my ($status, %setting) = @{$case};
    $provider->reset(status => $status, times => 1, %setting);
    $told = embed($provider, texts => 300, concurrency => 1);
    ends($told, '300 0 0 0 0', "$status (@{$case}[1 .. $#{$case}]): everything comes to its end");
    my $stats = $provider->stats;
    is("$stats->{requests} $stats->{repeated}", '6 0', '... the batch stayed whole, and went once more');
    is("$told->{refused} $told->{faults}", $status == 429 ? '1 0' : '0 1', '... and is counted');
    my $least = ($setting{retry_after} || 0.15) * 1000;
    cmp_ok($told->{milliseconds}, '>=', $least, "... after $least ms");
    cmp_ok($told->{milliseconds}, '<', 2 * $least + 15000, '... and not a minute later');
}
$provider->reset(status => 429, times => 1, retry_after => 1);
$told = embed($provider, texts => 300);
is($told->{bounds}[0] =~ /^429, for 1 s$|^429, for 2 s$|^concurrency$/ ? 'said' : $told->{bounds}[0], 'said', 'what it waits for is said');
ok((grep { /^429, for [12] s$/ } @{$told->{bounds}}), '... with the seconds');

# Whatever it says, it is a day at most; and a wait of any length is one.
for my $case (['seconds', 1e20], ['ms', 1e20], ['date', 253402300799 - 86400 - time()]) {
    my ($form, $seconds) = @{$case};
    $provider->reset(status => 429, times => -1, retry_after => $seconds, retry_form => $form);
    $told = embed($provider, texts => 300, concurrency => 1, retry_for => 1500);
    ends($told, '0 0 0 300 1', "a wait without end, as $form: it stops when nothing has succeeded for too long");
    is($provider->stats->{requests}, 1, '... and has asked once');
    ok((grep { /^429, for 864\d\d s$/ } @{$told->{bounds}}), '... and said how long it waits') or diag(@{$told->{bounds}});
}

# A storm: many at once fail, and that is one pause.
$provider->reset(status => 429, times => 8, retry_after => 2, retry_form => 'ms', latency => 20);
$told = embed($provider, texts => 1000, concurrency => 8);
ends($told, '1000 0 0 0 0', 'eight 429s at once');
is($provider->stats->{repeated}, 0, '... cost nobody anything');
cmp_ok($told->{milliseconds}, '<', 8 * 2000, '... but one pause, and not eight');

for my $fault (qw(stall close cut trickle)) {
    $provider->reset($fault => 1);
    $told = embed($provider, texts => 300, timeout => 3000, concurrency => 2);
    ends($told, '300 0 0 0 0', "$fault: everything comes to its end");
    is($provider->stats->{requests}, 6, '... with one request more');
    is($told->{faults}, 1, '... one fault');
}

# For too long.
$provider->reset(status => 503, times => -1, retry_after => 0);
$told = embed($provider, texts => 100, retry_for => 1500);
ends($told, '0 0 0 100 1', 'when nothing succeeds for too long, it stops, with all texts');
like($told->{error}, qr/^no request to the provider has succeeded for \d+ s: 503: status 503, as it was told \(test\)$/, '... and says for how long');
cmp_ok($provider->stats->{requests}, '<=', 8, '... and few calls');
$provider->stop;
$told = embed($provider, texts => 10, retry_for => 1000);
ends($told, '0 0 0 10 1', 'nobody listens: the same');
like($told->{error}, qr/onnect/, '... and says why');
$provider = Stele::Provider->new;

# At once.
for my $case ([401, ''], [403, ''], [404, ''], [402, ''], [429, 'You exceeded your current quota, please check your plan'], [400, 'The model `test` does not exist: model not found']) {
    $provider->reset(status => $case->[0], times => 1, says => $case->[1], latency => 50);
    $told = embed($provider, texts => 300);
    is("$told->{stopped} $told->{failed}", '1 0', "$case->[0] $case->[1]: it stops, and gives nobody up");
    like($told->{error}, qr/^the provider refuses to go on: $case->[0]: \w/, '... and says what was said');
    $provider->reset(status => $case->[0], times => 1, says => $case->[1]);
    $told = embed($provider, texts => 300, restarts => 1);
    ends($told, '300 0 0 0 0', '... and goes on when it is told to');
}

done_testing();
