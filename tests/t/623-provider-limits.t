#!/usr/bin/perl
# Limits on requests and tokens a minute are used to at least 95 %, and hardly a call is refused; measured in windows shorter than a minute, of a provider that counts strictly.

use strict;
use warnings;

use Stele::Provider;
use Stele::Test;
use Test::More;
use Time::HiRes qw(sleep time);

my $provider = Stele::Provider->new;

# For how long, while something runs, a process that wants to go on is kept from it. Where that is long, a request may arrive so late that a window of seconds is spoilt: it tells nothing.
sub kept_waiting {
    my ($run) = @_;
    pipe(my $answer, my $answer_end) or die "pipe: $!\n";
    my $pid = fork();
    die "fork: $!\n" unless defined $pid;
    if (!$pid) {
        my ($worst, $stop) = (0, 0);
        $SIG{TERM} = sub { $stop = 1 };
        for (my $last = time(); !$stop; $last = time()) {
            sleep(0.005);
            $worst = time() - $last if time() - $last > $worst;
        }
        syswrite($answer_end, $worst);
        POSIX::_exit(0);
    }
    $run->();
    kill('TERM', $pid);
    waitpid($pid, 0);
    sysread($answer, my $worst, 30);
    return $worst;
}

# Measured until it is right; or wrong twice on a machine that let it; three times at most.
sub measure {
    my ($what, $limit, $per_second, $bound, $setting, @arguments) = @_;
    my ($told, $stats, $used, $wrong, $tries) = (undef, undef, 0, 0, 0);
    while ($wrong < 2 && $tries++ < 3) {
        $provider->reset(window => 3000, latency => 30, retry_form => 'ms', $limit => $per_second * 3, @{$setting});
        my $worst = kept_waiting(sub { $told = embed($provider, @arguments) });
        $stats = $provider->stats;
        # What came with the first answer was sent before the time began.
        $used = $stats->{good} && $stats->{$limit} * (1 - 1 / $stats->{good}) / ($stats->{milliseconds} / 1000 * $per_second);
        last if $used >= 0.95 && !$stats->{refused};
        $wrong++ if $worst < 0.05;
    }
  SKIP: {
    skip("this machine is too busy to measure a limit on $what", 3) if $tries > 3;
    is("$told->{right} $stats->{refused}", "$told->{texts} 0", "a limit on $what: nothing is refused");
    cmp_ok($used, '>=', 0.95, '... and it is used');
    ok((grep { $_ eq $bound } @{$told->{bounds}}), '... and it is said that it holds it up');
  }
    return;
}

measure('requests', 'requests', 20, 'requests per minute', [], texts => 68, max_inputs => 1, rpm => 1200);

# In requests that are as small a part of the window as they would be of a minute; of texts that have fewer tokens than estimated: that has to be learned.
measure('tokens', 'tokens', 20000, 'tokens per minute', [token_bytes => 5], texts => 1400, length => 250, max_inputs => 8, max_tokens => 300000, tpm => 1200000);

# Of a limit nothing was said: the provider's refusals tell.
$provider->reset(requests => 40, window => 2000, latency => 5);
my $told = embed($provider, texts => 100, max_inputs => 1, rpm => 2400);
is($told->{right}, 100, 'twice as much is asked for as is given: it comes to its end');
cmp_ok($provider->stats->{refused}, '<=', 14, '... with few refusals');

# A pause that the provider asks for ends when it says, not sooner; what is left of it is told.
$provider->reset(status => 429, times => 1, retry_after => 2);
$told = embed($provider, texts => 10);
cmp_ok($told->{milliseconds}, '>=', 2000, 'Retry-After: 2 seconds');
cmp_ok($told->{milliseconds}, '<', 20000, '... and not a minute more');

done_testing();
