package Stele::Offline;

# What the tests of plan --sql share: a script is made, psql runs it, and what it
# leaves is held against what up leaves.

use strict;
use warnings;

use Exporter qw(import);
use Stele::Ledger;
use Stele::Test;
use Test::More;

our @EXPORT = qw(rows_of run_script offline online same compare);

# What two databases' ledgers have in common when the same was done to both.
sub rows_of {
    my ($database) = @_;
    my @own = qw(started duration role address host application hash);
    return join("\n", map { my %row = %{$_}; delete @row{@own}; $row{reason} =~ s/^process \d+ since [-\d:. +]+, system \d+, database \d+, mark [0-9a-f]{16}$/who runs it/ if defined $row{reason}; join('|', map { "$_=" . (($row{$_} // 'NULL') =~ s/\n/ /gr) } sort keys %row) } ledger_rows($database));
}

# Run a script with psql, or another one that STELE_PSQL names: (exit, stdout, stderr).
sub run_script {
    my ($database, $script, @options) = @_;
    write_file(my $path = temporary(), $script);
    return run($ENV{STELE_PSQL} || postgres('psql'), '-X', @options, '-d', url($database), '-f', $path);
}

# The script of a plan that must be there; without a connection.
sub offline {
    my ($program, @arguments) = @_;
    my ($exit, $out, $err) = run($program, 'plan', '--sql', @arguments, {env => {PGHOST => '/nowhere'}});
    is($exit . $err, '0', "plan --sql @arguments") or diag($err);
    return $out;
}

# The same, planned with a connection.
sub online {
    my ($program, $database, @arguments) = @_;
    my ($exit, $out, $err) = stele($program, $database, 'plan', '--sql', @arguments);
    is($exit . $err, '0', "plan --sql @arguments, with a connection") or diag($err);
    return $out;
}

# Does a database that scripts made look as one that the program made?
sub same {
    my ($program, $by_up, $by_psql, $name, @options) = @_;
    is(pg_dump_schema($by_psql), pg_dump_schema($by_up), "$name: the same schema");
    my @have = split(/\n/, rows_of($by_psql));
    my @want = split(/\n/, rows_of($by_up));
    while (@have && @want && $have[0] eq $want[0]) { shift @have; shift @want }
    is($have[0] // '', $want[0] // '', "$name: the same rows");
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

1;
