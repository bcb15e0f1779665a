#!/usr/bin/perl
# Texts become vectors: over HTTP, by a callback of the application, and built in. All of them, each once, each with its own vector.

use strict;
use warnings;

use Stele::Provider;
use Stele::Test;
use Test::More;

my $provider = Stele::Provider->new;

sub all_right {
    my ($told, $count, $what) = @_;
    is("$told->{right} $told->{wrong} $told->{failed} $told->{left}", "$count 0 0 0", $what) or diag($told->{out}, $told->{err});
    return;
}

# ----------------------------------------------------------------- fair weather

for my $encoding ('base64', 'float') {
    $provider->reset(latency => 100); # so that more are sent meanwhile
    my $told = embed($provider, texts => 2000, encoding => $encoding);
    all_right($told, 2000, "$encoding: each text has its vector");
    my $stats = $provider->stats;
    is($stats->{inputs}, 2000, '... and was sent once');
    cmp_ok($stats->{requests}, '<=', 34, '... packed into full requests');
    is($stats->{most_flying}, 4, '... four of them at once');
    cmp_ok($stats->{connections}, '<=', 5 + 3, '... over connections that stay open');
    is($told->{tokens}, $stats->{tokens}, '... and its tokens are known by usage');
    cmp_ok($told->{most}, '<=', 64 * 6, 'no more texts are taken than keep it at work');
}

for my $setting ([force => 'float'], [force => 'base64'], [chunked => 1], [escape => 1], [index_last => 1], [no_usage => 1], [wrong => 'order', 'wrong_times' => -1]) {
    $provider->reset(@{$setting});
    all_right(embed($provider, texts => 300, encoding => $setting->[1] eq 'base64' ? 'float' : 'base64'), 300, "an answer with @{$setting}");
    is($provider->stats->{requests}, 5, '... is taken as it is');
}

$provider->reset;
all_right(embed($provider, texts => 300, socket => 1), 300, 'waiting for a socket as well');
all_right(embed($provider, texts => 50, dimensions => 4096, send_dimensions => 1, model => 'a "model" \\ 1'), 50, 'another number of dimensions, and another model');

# What JSON has to escape, and what it hasn't.
my $odd = join("\n", map { "odd $_" } "\"quotes\" \\ and \\n", "\t\x01\x1f\x7f", "Gr\xc3\xbc\xc3\x9fe \xf0\x9f\x98\x80 \xe4\xb8\x96\xe7\x95\x8c", '</script>', 'x' x 70000) . "\n";
all_right(embed($provider, {stdin => $odd}), 5, 'odd texts arrive as they are');

my $told = embed($provider, {stdin => "good\n\xff\xfe bad\n\nalso good\n"});
is_deeply([map { "@{$_}" } @{$told->{failed_rows}}], ["1 refused the text isn't UTF-8", '2 refused the text is empty'], 'what is no UTF-8, or empty, is given up without being sent');
is($told->{right}, 2, '... and the others have their vectors');

# ------------------------------------------------------------------- limits of requests

$provider->reset;
all_right(embed($provider, texts => 500, max_bytes => 2000), 500, 'requests of few bytes');
cmp_ok($provider->stats->{requests}, '>=', 50, '... are many');
$provider->reset;
all_right(embed($provider, texts => 500, max_inputs => 7), 500, 'requests of 7 texts');
cmp_ok($provider->stats->{requests}, '<=', 73, '... are full');
$provider->reset(max_tokens => 1000);
all_right(embed($provider, texts => 2000, max_tokens => 1000), 2000, 'requests of 1,000 tokens');
is($provider->stats->{bad}, 0, '... are never too large');
cmp_ok($provider->stats->{tokens} / $provider->stats->{requests}, '>=', 800, '... but nearly so large, once it is known what a token is');

# ---------------------------------------------------------------------- too long

$told = embed($provider, max_input_tokens => 10, {stdin => "short\n" . 'long ' x 20 . "\n"});
is_deeply([map { "$_->[0] $_->[1]" } @{$told->{failed_rows}}], ['1 too-long'], 'a text with too many tokens is given up');
like($told->{failed_rows}[0][2], qr/may have 34 tokens, and the script allows 10/, '... and it is said why');
$told = embed($provider, max_input_tokens => 10, clip => 1, print => 1, dimensions => 8, send_dimensions => 1, {stdin => ('x' x 29) . "\xc3\xbc" . "yyyy\n"});
(my $vector = $provider->vector('x' x 29, dimensions => 8)) =~ tr/[],/   /;
is_deeply([split(' ', $told->{vector})], [0, split(' ', $vector)], 'or cut, between two characters');

# ------------------------------------------------------------------- without HTTP

$told = embed(undef, kind => 'callback', texts => 1000);
all_right($told, 1000, 'a callback gives the vectors');
is($told->{callbacks}, 16, '... for many texts at once');
$told = embed(undef, kind => 'callback', poison => 'number 321:', texts => 1000);
is($told->{right}, 999, 'one text that it fails at');
like("@{$told->{failed_rows}[0]}", qr/^321 callback I don't like "number 321:"/, '... is found, and given up with its message');
cmp_ok($told->{callbacks}, '<=', 16 + 8, '... by few calls');
like(embed(undef, kind => 'callback', poison => 'none', texts => 1)->{open}, qr/lends no callback/, 'a program without a callback is refused');

$told = embed(undef, kind => 'fixed', print => 1, dimensions => 256, {stdin => "the quick brown fox\nthe quick brown foxes\nPostgreSQL keeps its promises\nthe quick brown fox\n"});
my @vectors;
$vectors[$1] = [split(' ', $2)] while $told->{out} =~ /^vector (\d+) (.*)$/mg;
sub dot { my ($a, $b) = @_; my $sum = 0; $sum += $a->[$_] * $b->[$_] for 0 .. $#{$a}; return $sum }
cmp_ok(abs(dot($vectors[0], $vectors[0]) - 1), '<', 1e-5, 'a fixed vector has length 1');
is_deeply($vectors[0], $vectors[3], '... and is the same for the same text');
cmp_ok(dot($vectors[0], $vectors[1]), '>', 0.6, '... near to that of a similar one');
cmp_ok(dot($vectors[0], $vectors[2]), '<', 0.3, '... and far from that of another');

done_testing();
