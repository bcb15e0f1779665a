#!/usr/bin/perl
# The key goes to the provider in one header, and nowhere else; certificates are checked; redirects aren't followed.

use strict;
use warnings;

use Stele::Provider;
use Stele::Test;
use Test::More;

my $secret = 'sk-test-0123456789abcdefGHIJ';
my $provider = Stele::Provider->new;
my %env = (env => {TEST_KEY => $secret});
my $everything = '';

sub told {
    my ($from, @arguments) = @_;
    my $told = embed($from, texts => 10, retry_for => 1000, key => 'TEST_KEY', @arguments);
    $everything .= "$told->{out}$told->{err}";
    return $told;
}

# ---------------------------------------------------------------------- the key

$provider->reset(key => $secret);
is(told($provider, \%env)->{right}, 10, 'the key is taken');
my $told = told($provider, {env => {TEST_KEY => 'sk-another-0123456789'}});
like("$told->{stopped} $told->{error}", qr/^1 the provider refuses to go on: 401: Incorrect API key provided: \S+ \(invalid_api_key\)$/, 'another is not, and it stops');
unlike($told->{error}, qr/another|012345/, '... and what the provider says of it is not said on');
like(told($provider, {env => {TEST_KEY => undef}})->{open}, qr/environment variable TEST_KEY, with the key of the provider of embeddings, is not set/, 'no key');
like(told($provider, {env => {TEST_KEY => ''}})->{open}, qr/is empty/, 'an empty one');
like(told($provider, {env => {TEST_KEY => "$secret\nX-Evil: 1"}})->{open}, qr/has a character in it that no key has/, 'one with a line end');
like(told($provider, {env => {TEST_KEY => "$secret "}})->{open}, qr/has a character in it that no key has/, 'one with a space');
$provider->reset(status => 400, times => -1, says => "your key $secret and its part " . substr($secret, 5, 12) . ' are wrong');
$told = told($provider, \%env);
like($told->{error}, qr/your key \*\*\* and its part \*\*\* are wrong/, 'a message with the key in it');
$provider->reset(status => 400, times => -1, says => "x\x1b[31mred\x07 \xe2\x80\xa8" . 'long ' x 80);
$told = told($provider, texts => 2, \%env);
unlike($told->{out}, qr/[\x00-\x09\x0b-\x1f]/, 'control characters are not said on');
cmp_ok(length($told->{failed_rows}[0][2]), '<', 256, '... and a long message is cut');

# --------------------------------------------------------------------- addresses

$provider->reset;
for my $case (['ftp://127.0.0.1/v1', 'begins neither'], ['file:///etc/passwd', 'begins neither|libcurl can read'], ["http://me:$secret\@127.0.0.1:1/v1", 'password'], ['', 'libcurl can read'],
    ['http://', 'libcurl can read'], ["http://127.0.0.1:1/v1\nX: y", 'libcurl can read']) {
    like(told($provider, url => $case->[0], \%env)->{open}, qr/the address of the provider of embeddings can't be used: .*(?:$case->[1])/, "\"$case->[0]\" is refused");
}
my $port = $provider->port;
is(told($provider, url => "http://127.0.0.1:$port/v1/embeddings", \%env)->{right}, 10, 'an address with /embeddings');
is(told($provider, url => "http://127.0.0.1:$port/v1//", \%env)->{right}, 10, 'one with slashes at its end');
$told = told($provider, url => "http://127.0.0.1:$port/elsewhere/v1", \%env);
like("$told->{stopped} $told->{error}", qr{^1 the provider refuses to go on: 302: it redirects, which is not followed, to http://127\.0\.0\.1:$port/v1/embeddings: `url` may have to begin with https, or to end with /v1$}, 'a redirect is not followed, and it is said where it leads');
for my $case (["https://me:$secret\@api.example.com/v1/embeddings?api_key=$secret#a", qr{, to https://api\.example\.com/v1/embeddings: `url`}, 'without user, password and query'],
    ["https://api.example.com/$secret/x", qr{, to https://api\.example\.com/\*\*\*/x: `url`}, 'without the key'],
    ["https://api.example.com/\x1b[31mred\x9b\xc2\x9b", qr{^1 the provider refuses to go on: 302: it redirects, which is not followed[^\x00-\x1f\x7f-\xff]*$}, 'without control characters'],
    ['https://api.example.com/' . 'x' x 450, qr{, to https://api\.example\.com/x{176}(?!x)}, 'up to 200 characters']) {
    my ($location, $like, $what) = @{$case};
    $provider->control(location => $location);
    $told = told($provider, url => "http://127.0.0.1:$port/elsewhere/v1", \%env);
    like("$told->{stopped} $told->{error}", $like, "... $what");
}
is($provider->stats->{good}, 2, '... nowhere');
$told = told($provider, url => "http://127.0.0.1:$port/v2", \%env);
like("$told->{stopped} $told->{error}", qr/^1 the provider refuses to go on: 404: there is nothing at/, 'nothing is there');
$told = told($provider, url => 'http://provider.invalid/v1', \%env);
like("$told->{stopped} $told->{error}", qr/^1 no request to the provider has succeeded for \d+ s: .*resolve/, 'a name that is none');
$told = told($provider, url => 'http://127.0.0.1:1/v1', \%env);
like("$told->{stopped} $told->{error}", qr/^1 no request to the provider has succeeded for \d+ s: .*connect/, 'nobody listens');
is(told($provider, {env => {TEST_KEY => $secret, http_proxy => 'http://127.0.0.1:1', HTTPS_PROXY => 'http://127.0.0.1:1', all_proxy => 'http://127.0.0.1:1'}})->{right}, 10,
    'a proxy is not asked for this machine');

# --------------------------------------------------------------------------- TLS

my $good = Stele::Provider->new(tls => 'localhost');
my $other = Stele::Provider->new(tls => 'other.example');
is(told($good, ca => $good->ca, \%env)->{right}, 10, 'a certificate that is known');
for my $case ([$good, undef, 'one that nobody knows'], [$other, $other->ca, 'one for another name'], [$good, $other->ca, 'one that another signed']) {
    my ($from, $ca, $what) = @{$case};
    $told = told($from, defined $ca ? (ca => $ca) : (), \%env);
    like("$told->{stopped} $told->{right} $told->{error}", qr/^1 0 the provider refuses to go on: SSL.*certificate/, "$what is refused, at once: $told->{error}");
}
$told = told($good, ca => '/nowhere.pem', \%env);
like("$told->{stopped} $told->{error}", qr{^1 the provider refuses to go on: .*/nowhere.pem}, 'a file of certificates that is not there');
$told = told($good, url => 'https://127.0.0.1:' . $provider->port . '/v1', \%env);
is("$told->{stopped} $told->{right}", '1 0', 'TLS to who does not speak it');

unlike($everything, qr/\Q$secret\E|0123456789|abcdefGHIJ/, 'the key is in nothing that was said');

done_testing();
