# No transaction of a job is long: neither is one open while the provider is asked, nor while the next batch is computed.

use strict;
use warnings;

use Stele::Jobs;
use Stele::Session;
use Stele::Test;
use Test::More;

use constant {OPEN => 500, IDLE => 100};    # milliseconds

for my $name ('side', 'column', 'sql') {
    provider()->reset(latency => 30) if $name ne 'sql';
    my $place = place(kind($name), rows => 6000);
    my $writer = writer($place);
    my $crew = crew($place, 2);
    my ($open, $idle, $looks, $what) = longest($crew);
    stop_writer($writer);
    is(join("\n", finished($crew)), '', "$name comes to its end");
    cmp_ok($looks, '>', 50, '... and was looked at often enough');
    cmp_ok($open, '<', OPEN, "... its longest transaction, of $open ms, is short") or diag($what);
    cmp_ok($idle, '<', IDLE, "... and it is idle in one for $idle ms at most");
    is(join("\n", right($place)), '', '... all is right');
}
hang_up();

done_testing();
