#!/usr/bin/perl
# Several histories in one database: two components in one program, and in two. Each has its own chain, and its own
# lock; one sees nothing of the other but what it comes after.

use strict;
use warnings;

use Stele::Ledger;
use Stele::Test;
use Test::More;
use Time::HiRes qw(sleep);

my ($exit, $out, $err);

sub gives {
    my ($code, $program, $database, @arguments) = @_;
    ($exit, $out, $err) = stele($program, $database, @arguments);
    return is($exit, $code, "@arguments: exit $code") || diag($out, $err);
}

sub file {
    my ($component, $table, @more) = @_;
    return "-- stele: component $component\n" . join('', map { "-- stele: $_\n" } @more) . "CREATE TABLE $table (x int);\n-- stele: down\nDROP TABLE $table;\n";
}
my %auth = ('001_users.sql' => file('auth', 'users'), '003_roles.sql' => file('auth', 'roles'));
my %shop = ('002_orders.sql' => file('shop', 'orders', 'after auth/001'), '004_items.sql' => file('shop', 'items', 'after auth/003'));
my $auth = program(migrations({%auth}));
my $shop = program(migrations({%shop}));

# ------------------------------------------------------------------------ one program

{
    my $both = program(migrations({%auth, %shop}));
    my $database = fresh_database();
    gives(0, $both, $database, 'up');
    like($out, qr/^head of auth r1:[0-9a-f]{64}\nhead of shop r1:[0-9a-f]{64}\n\z/m, 'a head each, by name');
    is_deeply([deeds($both, $database)], ['apply 001_users.sql', 'apply 003_roles.sql', 'apply 002_orders.sql', 'apply 004_items.sql'], 'a history each');
    my @rows = ledger_rows($database);
    is_deeply([map { "$_->{component} $_->{seq}" } @rows], ['auth 1', 'auth 2', 'shop 1', 'shop 2'], 'numbered by itself');
    for my $component ('auth', 'shop') {
        my $previous;
        for my $row (grep { $_->{component} eq $component } @rows) {
            is($row->{hash}, row_hash($row, $previous), "$component: row $row->{seq} follows from the one before it");
            $previous = $row->{hash};
        }
    }
    gives(0, $both, $database, 'audit');
    like($out, qr/the chain of component "$_" holds: 2 rows/, "the chain of $_ is proven") for 'auth', 'shop';
    gives(2, $both, $database, 'down');
    gives(9, $both, $database, 'down', '--component', 'auth', '--all');
    like($err, qr/comes after it, and is applied/, 'what the other comes after stays');
    gives(0, $both, $database, 'down', '--component', 'shop');
    gives(0, $both, $database, 'down', '--component', 'auth');
    gives(0, $both, $database, 'up');
    gives(0, $both, $database, 'audit');

    # One of them damaged, one resealed.
    my $copy = tampered($database, q{UPDATE stele.ledger SET host = 'x' WHERE component = 'shop' AND seq = 1});
    gives(6, $both, $copy, 'audit');
    like($out, qr/ok +the chain of component "auth" holds/, 'the other chain holds');
    gives(2, $both, $copy, 'repair', 'reseal', '--component', 'auth', '--reason', 'x');
    gives(0, $both, $copy, 'repair', 'reseal', '--reason', 'x');
    like($out, qr/^reseal component shop: .*\n1 row written/m, 'only the damaged one is resealed');
    gives(0, $both, $copy, 'audit');
    psql($copy, 'ALTER TABLE stele.anchor DISABLE TRIGGER keep');
    gives(0, $both, $copy, 'repair', 'guards', '--reason', 'x');
    like($out, qr/^2 rows written/m, 'guards are for both, so both tell of them');
    gives(0, $both, $copy, 'audit');

    $database = fresh_database();
    psql($database, 'CREATE TABLE users (x int); CREATE TABLE orders (x int)');
    gives(0, $both, $database, 'baseline', 'auth/001', '--reason', 'x');
    gives(0, $both, $database, 'baseline', '002', '--component', 'shop', '--reason', 'x');
    gives(0, $both, $database, 'up');
    gives(0, $both, $database, 'audit');
    is(psql($database, q{SELECT string_agg(component || ' ' || action || ' ' || version, ', ' ORDER BY component, seq) FROM stele.ledger}),
        'auth baseline 001, auth apply 003, shop baseline 002, shop apply 004', 'a baseline each');
}

# Both with one version number: a target has to say which.
{
    my $same = program(migrations({'001_a.sql' => file('a', 'ta'), '002_a.sql' => file('a', 'ta2')}));
    my $two = eval { program(migrations({'001_a.sql' => file('a', 'ta'), '002_b.sql' => file('b', 'tb')})) };
    my $database = fresh_database();
    gives(0, $two, $database, 'up');
    gives(2, $two, $database, 'repair', 'forget', '003', '--reason', 'x');
    gives(2, $two, $database, 'repair', 'forget', 'b/001', '--reason', 'x');
    gives(2, $two, $database, 'repair', 'forget', '002', '--component', 'a', '--reason', 'x');
    gives(0, $same, $database, 'up');
    is(psql($database, q{SELECT to_regclass('ta2') IS NOT NULL}), 't', 'a version of one component says nothing of another');
}

# ----------------------------------------------------------------------- two programs

my $database = fresh_database();
gives(9, $shop, $database, 'up');
like($err, qr{"002_orders.sql" comes after auth/001, which is not applied.*\nhint: apply that first, with the program that carries component "auth"}s, 'what it comes after has to be in');
like($err, qr/^\S+002_orders\.sql:2:\d+: error/m, 'and the line says so');
gives(0, $auth, $database, 'up', '001');
gives(9, $shop, $database, 'up');
like($err, qr{comes after auth/003}, 'all of it');
gives(0, $shop, $database, 'up', '002');
gives(5, $auth, $database, 'check');
gives(0, $auth, $database, 'up');
gives(0, $auth, $database, 'check');
gives(5, $shop, $database, 'check');
gives(0, $shop, $database, 'up');
gives(0, $shop, $database, 'check');
for my $program ($auth, $shop) {
    gives(0, $program, $database, 'status', '--exit-code');
    like($out, qr/^2 migrations: 2 applied$/m, 'status lists its own');
    gives(0, $program, $database, 'audit');
    like($out, qr/the chain of component "$_" holds/, "audit proves $_, too") for 'auth', 'shop';
}

# Damage to one is nothing to the other, but audit sees it.
my $copy = tampered($database, q{UPDATE stele.ledger SET host = 'x' WHERE component = 'shop' AND seq = 1});
my $more = program(migrations({%auth, '005_keys.sql' => file('auth', 'keys')}));
gives(0, $more, $copy, 'up');
gives(6, $more, $copy, 'audit');
like($out, qr/WRONG +row 1 of component "shop"/, 'audit of one finds the damage of the other');
gives(2, $more, $copy, 'repair', 'reseal', '--reason', 'x');
like($err, qr/there is nothing to reseal/, 'which only the program that carries it can accept');
gives(0, $shop, $copy, 'repair', 'reseal', '--reason', 'x');
gives(0, $more, $copy, 'audit');

# What was taken back isn't there any more for the other.
gives(0, $shop, $database, 'down');
gives(0, $auth, $database, 'down');
gives(9, $shop, $database, 'up');
like($err, qr{comes after auth/003, which is not applied}, 'taken back counts as not applied');
gives(0, $auth, $database, 'repair', 'done', '003', '--reason', 'made by hand');
gives(0, $shop, $database, 'up');

# Neither waits for the other.
{
    my $slow = program(migrations({%auth, '007_slow.sql' => "-- stele: component auth\nSELECT pg_sleep(3);\n"}));
    my $quick = program(migrations({%shop, '006_more.sql' => file('shop', 'more')}));
    my $running = start($slow, 'up', '--db', url($database));
    for (1 .. 200) {
        last if psql($database, q{SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(3)%' AND state = 'active' AND pid <> pg_backend_pid()});
        sleep(0.05);
    }
    gives(0, $quick, $database, 'up', '--lock-wait', '0');
    is(psql($database, q{SELECT count(*) FROM stele.ledger WHERE version = '007'}), 0, 'while the other is still at work');
    ($exit, $out, $err) = finish($running);
    is($exit, 0, 'which then ends well') or diag($err);
    gives(0, $quick, $database, 'audit');
}

# Both at once on an empty database: one ledger, two chains.
for my $round (1 .. 3) {
    my $fresh = fresh_database();
    my %free = ('002_orders.sql' => file('shop', 'orders'));
    my @running = map { start($_, 'up', '--db', url($fresh)) } $auth, program(migrations({%free}));
    my @exits = map { (finish($_))[0] } @running;
    is_deeply(\@exits, [0, 0], "round $round: both get through");
    gives(0, $auth, $fresh, 'audit');
}

done_testing();
