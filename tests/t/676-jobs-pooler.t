# Three workers through PgBouncer in transaction mode, with fewer connections to the server than they have to it, while somebody writes.

use strict;
use warnings;

use Stele::Jobs;
use Stele::Pooler;
use Stele::Test;
use Test::More;

my @versions = poolers();
plan(skip_all => 'no PgBouncer on this host') unless @versions;
server();
my $pooler = pooler($versions[-1], {default_pool_size => 2}) or plan(skip_all => 'PgBouncer does not start here');

for my $name (kinds()) {
    my $place = place(kind($name), rows => 2000, pooler => $pooler);
    my $writer = writer($place);
    my $crew = crew($place, 3);
    begun($place);
    disturb($crew, 'terminate', 'kill') if $name ne 'keys';
    my @wrong = finished($crew);
    stop_writer($writer);
    is(join("\n", @wrong, right($place)), '', "$name, by three workers");
}

done_testing();
