#!/usr/bin/perl
# Limits on requests and tokens a minute are used to at least 95 %, and hardly a call is refused; measured in windows shorter than a minute, of a provider that counts strictly.

use strict;
use warnings;

use Stele::Provider;
use Stele::Test;
use Test::More;

my $provider = Stele::Provider->new;

# 20 requests a second, for a window and a little more.
$provider->reset(requests => 60, window => 3000, latency => 30);
my $told = embed($provider, texts => 68, max_inputs => 1, rpm => 1200);
my $stats = $provider->stats;
is("$told->{right} $stats->{refused}", '68 0', 'a limit on requests: nothing is refused');
cmp_ok(67 / ($stats->{milliseconds} / 1000 * 20), '>=', 0.95, '... and it is used');
ok((grep { $_ eq 'requests per minute' } @{$told->{bounds}}), '... and it is said that it holds it up');

# 20,000 tokens a second, in requests that are as small a part of the window as they would be of a minute; of texts that have fewer tokens than estimated: that has to be learned.
$provider->reset(tokens => 60000, window => 3000, latency => 30, token_bytes => 5);
$told = embed($provider, texts => 1400, length => 250, max_inputs => 8, max_tokens => 300000, tpm => 1200000);
$stats = $provider->stats;
is($told->{right}, 1400, 'a limit on tokens');
cmp_ok($stats->{refused}, '<=', 1, '... next to nothing is refused');
cmp_ok($stats->{tokens} / ($stats->{milliseconds} / 1000 * 20000), '>=', 0.95, '... and it is used');
ok((grep { $_ eq 'tokens per minute' } @{$told->{bounds}}), '... and it is said that it holds it up');

# Of a limit nothing was said: the provider's refusals tell.
$provider->reset(requests => 40, window => 2000, latency => 5);
$told = embed($provider, texts => 100, max_inputs => 1, rpm => 2400);
is($told->{right}, 100, 'twice as much is asked for as is given: it comes to its end');
cmp_ok($provider->stats->{refused}, '<=', 14, '... with few refusals');

# A pause that the provider asks for ends when it says, not sooner; what is left of it is told.
$provider->reset(status => 429, times => 1, retry_after => 2);
$told = embed($provider, texts => 10);
cmp_ok($told->{milliseconds}, '>=', 2000, 'Retry-After: 2 seconds');
cmp_ok($told->{milliseconds}, '<', 2700, '... and little more');

done_testing();
