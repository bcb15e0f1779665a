#!/usr/bin/perl
# plan --sql: a script that psql runs leaves the schema and the ledger that up leaves.

use strict;
use warnings;

use File::Glob qw(:bsd_glob);    # the plain one splits at blanks
use Stele::Offline;
use Stele::Test;
use Test::More;

# ------------------------------------------------------- the reference history

my $reference = built('stele-reference');
my ($exit, $out, $err) = run($reference, 'plan', '--sql', ':', {env => {PGHOST => '/nowhere'}});
is($exit, 9, 'Lua: exit 9');
is($out, '', 'and no half of a script');
like($err, qr/^lua\/009_\w+\.lua: error: "009_\w+\.lua" is Lua, which psql can't run\nhint: end the script before it/, 'which file, and what to do');
my ($by_up, $by_psql) = compare('reference', $reference, [], '008');

is(offline($reference, ':008'), offline($reference, ':008'), 'the same plan, the same bytes');

# A script that ran once, and one that begins elsewhere.
{
    my $before = rows_of($by_psql);
    for my $range (':008', '003:005', '008:') {
        my $script = $range eq '008:' ? undef : offline($reference, $range);
        next unless defined $script;
        my ($code, $text, $complaint) = run_script($by_psql, $script);
        is($code, 3, "$range is refused where it doesn't begin");
        like($complaint, qr/stele: component "main" is not where this script begins\nDETAIL:  expected state: d1:\w+, found: d1:\w+\nHINT:  nothing was done/, 'it says so');
    }
    is(rows_of($by_psql), $before, 'and nothing is changed');
}

# From the middle, in two scripts; by psql <script, too.
{
    my $database = fresh_database();
    for my $range (':003', '003:006', '006:008') {
        write_file(my $path = temporary(), offline($reference, $range));
        my ($code, $text, $complaint) = run('sh', '-c', '"$0" -X -d "$1" <"$2"', postgres('psql'), url($database), $path);
        is("$code$complaint", '0', "psql <script, $range") or diag($complaint);
    }
    same($reference, $by_up, $database, 'in three scripts');
}

# And back.
{
    my $empty = fresh_database();
    my ($code, $text, $complaint) = run_script($by_psql, offline($reference, '--down', '008:003'));
    is("$code$complaint", '0', '--down 008:003') or diag($complaint);
    my ($down) = stele($reference, $by_up, 'down', '003', '--allow-destructive');
    same($reference, $by_up, $by_psql, 'down to 003');
    ($code, $text, $complaint) = run_script($by_psql, offline($reference, '--down', '003:'));
    is("$code$complaint", '0', '--down 003:') or diag($complaint);
    stele($reference, $by_up, 'down', '--all', '--allow-destructive');
    same($reference, $by_up, $by_psql, 'down to nothing');
    is(pg_dump_schema($by_psql), pg_dump_schema($empty), 'as it was before');
    ($code, $text, $complaint) = run_script($by_psql, offline($reference, ':002'));
    is("$code$complaint", '0', 'and up again') or diag($complaint);
}

# Each golden case: the script comes as far as up does, and leaves what up leaves; also where that is a failure.
for my $case (sort glob(top() . '/tests/golden/*')) {
    (my $name = $case) =~ s{.*/}{golden };
    next if -e "$case/options" || (() = glob("$case/migrations/*.lua"));
    my $work = temporary(1);
    run('cp', '-R', "$case/migrations", $work);
    my ($built, $said, $complaint) = build("$work/migrations", "$work/program");
    is($built, 0, "$name: built") or diag($complaint);
    my ($up, $psql) = map { fresh_database() } 1 .. 2;
    my ($plan, $script, $why) = run("$work/program", 'plan', '--sql', ':');
    my ($code) = stele("$work/program", $up, 'up');
    ok($plan == 0 || $code == 9, "$name: planned, unless up refuses it") or diag($why);
    next if $plan;
    my ($ran, $text, $error) = run_script($psql, $script);
    is($ran, $code == 0 ? 0 : 3, "$name: psql comes to the same end") or diag($error);
    same("$work/program", $up, $psql, $name) if psql($up, "SELECT to_regclass('stele.ledger') IS NOT NULL") eq 't';
}

done_testing();
