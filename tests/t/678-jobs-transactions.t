# No transaction of a job is long: neither is one open while the provider is asked, nor while the next batch is computed.

use strict;
use warnings;

use Stele::Jobs;
use Stele::Session;
use Stele::Test;
use Test::More;

# ------------------------------------------------------------------ a provider that doesn't answer

for my $name ('side', 'column') {
    provider()->reset(latency => 3_600_000);
    my $place = place(kind($name), rows => 2000);
    my $db = $place->{db};
    my $crew = crew($place, 2);
    my $asked = 0;
    ok(wait_for($db, "SELECT to_regclass('stele.worker') IS NOT NULL") && wait_for($db, 'SELECT count(*) = 2 FROM stele.worker'), "$name: two workers come");
    for (1 .. 1200) {
        last if ($asked = provider()->stats->{requests}) >= 8;
        select(undef, undef, undef, 0.1);
    }
    cmp_ok($asked, '>=', 8, '... and ask for all that they may');
    # If one were open then, it would stay so.
    my $stele = "datname = '$db' AND application_name LIKE 'stele%'";
    ok(wait_for('postgres', "SELECT count(*) FILTER (WHERE xact_start IS NOT NULL) = 0 AND count(*) >= 2 FROM pg_stat_activity WHERE $stele"), '... with no transaction open');
    stop_crew($crew);
    provider()->reset;
    is(join("\n", finished(crew($place, 2)), right($place)), '', '... and others do it to the end');
}

# ------------------------------------------------------------------ rows that take long

# A batch takes so long as 20 rows do: a transaction that was open meanwhile would be idle for almost as long.
{
    my $kind = kind('map');
    $kind->{lua} =~ s/function\(row\)/function(row) for i = 1, 4000000 do end/;
    my $place = place($kind, rows => 100, pace => 'write_rows = 20');
    my $crew = crew($place, 1);
    my ($open, $idle, $took) = longest($crew);
    is(join("\n", finished($crew)), '', 'rows that take long come to their end');
    cmp_ok($idle, '<', $took / 10, sprintf('... and no transaction is idle while five batches are computed, in %.0f ms, for more than %.0f ms', $took, $idle));
    is(join("\n", right($place)), '', '... all is right');
}

# ------------------------------------------------------------------ under somebody who writes

for my $name ('side', 'column', 'sql') {
    my $place = place(kind($name), rows => 6000);
    my $writer = writer($place);
    my $crew = crew($place, 2);
    my ($open, $idle, $took, $what) = longest($crew);
    stop_writer($writer);
    is(join("\n", finished($crew)), '', "$name comes to its end");
    cmp_ok($open, '<', $took / 3, sprintf('... in %.0f ms; its longest transaction, of %.0f ms, is short', $took, $open)) or diag($what);
    is(join("\n", right($place)), '', '... all is right');
}
hang_up();

done_testing();
