#!/usr/bin/perl
# A request is too large, a text is refused, an answer is wrong: few calls find out which, no text has another's vector, and none is given up that is innocent.

use strict;
use warnings;

use Stele::Provider;
use Stele::Test;
use Test::More;

my $provider = Stele::Provider->new;
my $told;

# --------------------------------------------------------------- the shape of a batch

$provider->reset(max_inputs => 32);
$told = embed($provider, texts => 2000, max_inputs => 256);
ends($told, '2000 0 0 0 0', '413 above 32 texts');
cmp_ok($provider->stats->{bad}, '<=', 20, '... is learned soon');
is($provider->stats->{repeated}, 0, '... and nothing is paid twice');
$provider->reset(max_tokens => 2000);
$told = embed($provider, texts => 2000, max_inputs => 512);
ends($told, '2000 0 0 0 0', '400 above 2,000 tokens');
cmp_ok($provider->stats->{bad}, '<=', 24, '... is learned soon');

# ---------------------------------------------------------------------------- one row

for my $case ([refuse_status => 400], [refuse_status => 422], [refuse_status => 400, refuse_names => 1], [refuse_status => 500]) {
    my %setting = @{$case};
    for my $where ($setting{refuse_status} == 500 ? 0 : (0, 777, 1023)) {    # a 500 makes all wait
        $provider->reset(refuse => "number $where:", @{$case});
        $told = embed($provider, texts => 1024, max_inputs => 1024, max_tokens => 1e6, max_bytes => 1e7, concurrency => 1);
        ends($told, '1023 0 1 0 0', "@{$case}: the one of 1,024 at $where");
        like(join('|', map { "@{$_}" } @{$told->{failed_rows}}), qr/^$where $setting{refuse_status} $setting{refuse_status}: [^|\n]+$/, '... is found, with its message');
        # A 500 is asked for once more, and once more when it is alone.
        my $most = 1 + ($setting{refuse_names} ? 2 : 12) + ($setting{refuse_status} == 500 ? 5 : 0);
        cmp_ok($told->{calls}, '<=', $most, "... in $told->{calls} calls");
        is($provider->stats->{repeated}, 0, '... and nothing is paid twice');
    }
}
$provider->reset(refuse => '3:');
$told = embed($provider, texts => 1000, concurrency => 8);
ends($told, '900 0 100 0 0', 'a tenth of all is refused: these, and no others');
$provider->reset(refuse => 'number');
$told = embed($provider, texts => 200);
is("$told->{stopped} $told->{failed}", '1 0', 'everything is refused: it stops before anything is given up');
like($told->{error}, qr/^the provider refuses every text: 400: the input was refused for what is in it \(content_filter\)$/, '... and says so, in one line');
$told = embed($provider, texts => 2);
is($told->{failed}, 2, 'only two, and both are refused: they are given up');
$provider->reset(refuse => 'number 7:', refuse_status => 500);
$told = embed($provider, {stdin => "text number 7:\n"});
ends($told, '0 0 1 0 0', 'one at which the provider fails, and no other is there: it is asked whether it is alive');
$provider->reset(status => 500, times => -1, retry_after => 0);
$told = embed($provider, texts => 3, retry_for => 4000);
ends($told, '0 0 0 3 1', 'it fails at whatever it is asked: nobody is given up');

$provider->reset(longest => 400);
my $texts = join('', map { 'word ' x ($_ == 50 ? 100 : 10) . "$_\n" } 0 .. 99);
$told = embed($provider, {stdin => $texts});
ends($told, '99 0 1 0 0', 'one is too long for the model');
is("$told->{failed_rows}[0][0] $told->{failed_rows}[0][1]", '50 too-long', '... and is given up by that name');
$told = embed($provider, clip => 1, {stdin => $texts});
is("$told->{failed} $told->{left}", '0 0', '... or cut until it is not');

# --------------------------------------------------------------------------- wrong answers

my @wrong = qw(short long duplicate missing-index dimension nan infinite zero constant base64 json empty text error);
for my $wrong (@wrong) {
    for my $encoding ('base64', 'float') {
        next if $wrong eq 'base64' && $encoding eq 'float';
        $provider->reset(wrong => $wrong, wrong_times => 1);
        $told = embed($provider, texts => 300, encoding => $encoding, dimensions => 64, send_dimensions => 1);
        ends($told, '300 0 0 0 0', "$wrong, $encoding, once: it is asked for again");
        is($told->{calls}, 6, '... as a whole');
    }
    next if $wrong eq 'duplicate';    # of one text, it is the right one
    $provider->reset(wrong => $wrong, wrong_times => -1);
    $told = embed($provider, texts => 300, retry_for => $wrong eq 'error' ? 1500 : 60000);
    ends($told, '0 0 0 300 1', "$wrong always: nothing is taken");
    like($told->{error}, $wrong eq 'error' ? qr/has succeeded/ : qr/^the provider gives wrong answers: \w.{10}/, "... and it is said: $told->{error}");
    cmp_ok($told->{calls}, '<=', 40, '... after few calls');
}
for my $wrong (qw(nan zero constant dimension)) {
    $provider->reset(wrong => $wrong, wrong_times => -1, wrong_word => 'number 77:');
    $told = embed($provider, texts => 300);
    is("$told->{right} $told->{wrong} $told->{failed}", $wrong eq 'constant' ? '299 1 0' : '299 0 1', "$wrong for one text only");
    is("$told->{failed_rows}[0][0] $told->{failed_rows}[0][1]", '77 answer', '... it is given up') if $wrong ne 'constant';
    cmp_ok($told->{calls}, '<=', 9, '... in few calls');
}
for my $given (1024, 4096, 16000) {
    for my $encoding ('base64', 'float') {
        $provider->reset(dimensions => $given);
        $told = embed($provider, texts => 64, encoding => $encoding, dimensions => 64);
        is($told->{stopped}, 1, "a model of $given dimensions, $encoding, where 64 are expected");
        like($told->{error}, qr/^the provider gives wrong answers: a vector has $given dimensions, not 64: `send_dimensions = true` asks .* for 64; else `dimensions = $given` is/,
            '... is told, however large its answers are');
    }
}
$provider->reset(wrong => 'dimension', wrong_times => -1);
$told = embed($provider, texts => 64, dimensions => 64, send_dimensions => 1);
like($told->{error}, qr/: a vector has 63 dimensions, not 64, though it was asked for them: `dimensions = 63` is what the model gives/, 'one that gives others than it is asked for');
$provider->reset(wrong => 'constant', wrong_times => -1, wrong_above => 16);
$told = embed($provider, texts => 2000);
ends($told, '2000 0 0 0 0', 'a model that is constant above 16 texts is given fewer');
cmp_ok($told->{repeated}, '<=', 2000, '... which is learned');
$provider->reset(wrong => 'constant', wrong_times => -1);
$told = embed($provider, texts => 200, max_inputs => 1);
is($told->{stopped}, 1, 'one text in each request, and always the same vector: it is seen');
cmp_ok($told->{wrong}, '<=', 12, '... soon');
$provider->reset;
$told = embed($provider, {stdin => "same\n" x 300 . "Same!\n" x 3});
is("$told->{right} $told->{stopped}", '303 0', 'the same text has the same vector, and may');

done_testing();
