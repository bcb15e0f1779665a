#!/usr/bin/perl
# plan --sql: a script that psql runs leaves the schema and the ledger that up leaves.

use strict;
use warnings;

use Stele::Ledger;
use Stele::Test;
use Test::More;

# What two databases' ledgers have in common when the same was done to both.
sub rows_of {
    my ($database) = @_;
    my @own = qw(started duration role address host application hash);
    return join("\n", map { my %row = %{$_}; delete @row{@own}; join('|', map { "$_=" . ($row{$_} // 'NULL') } sort keys %row) } ledger_rows($database));
}

# Run a script with psql: (exit, stdout, stderr).
sub run_script {
    my ($database, $script, @options) = @_;
    write_file(my $path = temporary(), $script);
    return run(postgres('psql'), '-X', @options, '-d', url($database), '-f', $path);
}

# The script of a plan that must be there; without a connection.
sub offline {
    my ($program, @arguments) = @_;
    my ($exit, $out, $err) = run($program, 'plan', '--sql', @arguments, {env => {PGHOST => '/nowhere'}});
    is($exit . $err, '0', "plan --sql @arguments") or diag($err);
    return $out;
}

# Does a database that scripts made look as one that the program made?
sub same {
    my ($program, $by_up, $by_psql, $name, @options) = @_;
    is(pg_dump_schema($by_psql), pg_dump_schema($by_up), "$name: the same schema");
    is(rows_of($by_psql), rows_of($by_up), "$name: the same rows");
    for my $command (qw(check audit)) {
        my ($exit, $out, $err) = stele($program, $by_psql, $command, @options);
        is($exit, (stele($program, $by_up, $command, @options))[0], "$name: $command") or diag($out, $err);
    }
    return;
}

# up against plan --sql from nothing, both ways of planning.
sub compare {
    my ($name, $program, $dir_options, @target) = @_;
    my @options = @{$dir_options || []};
    my ($by_up, $by_psql, $online) = map { fresh_database() } 1 .. 3;
    my ($exit, $out, $err) = stele($program, $by_up, 'up', @target, @options);
    is($exit, 0, "$name: up") or diag($err);
    my $script = offline($program, ':' . ($target[0] // ''), @options);
    ($exit, $out, $err) = run_script($by_psql, $script);
    is("$exit$err", '0', "$name: psql runs the script") or diag($err);
    same($program, $by_up, $by_psql, $name, @options);
    ($exit, $script, $err) = stele($program, $online, 'plan', '--sql', @target, @options);
    is($exit, 0, "$name: planned with a connection") or diag($err);
    ($exit, $out, $err) = run_script($online, $script);
    is("$exit$err", '0', "$name: psql runs that") or diag($err);
    same($program, $by_up, $online, "$name, with a connection", @options);
    return ($by_up, $by_psql);
}

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

done_testing();
