package Stele::Faults;

# A job over a table `doc` for the tests of what goes wrong: with a script that says what it needs.
#
#     my $place = here(300, embed => 'max_inputs = 256');    # so many rows; the provider is well again
#     runs($place, 'what it is', 9);                         # exit status 9; what it said is in $out and $err
#     compared($place, 299, '... and the others are right');

use strict;
use warnings;

use Exporter qw(import);
use Stele::Jobs;
use Test::More;

our @EXPORT = qw(job here runs compared $exit $out $err $doc $side);
our ($exit, $out, $err);
our $doc = "CREATE TABLE doc (id bigint PRIMARY KEY, content text);\nINSERT INTO doc SELECT i, 'text ' || i FROM generate_series(1, ROWS) AS i;\n";
our $side = "CREATE TABLE side (id bigint PRIMARY KEY, input bytea NOT NULL, embedding vector(8));\n";

# A job over doc: what the script says else, and the function.
sub job {
    my (%of) = @_;
    my $lua = "return { table = 'doc', key = 'id', read = { 'content' }, " . ($of{more} ? "$of{more}, " : '')
        . ($of{map} ? "map = $of{map}" : 'embed = http { url = "URL", model = "m", dimensions = 8, send_dimensions = true, ' . ($of{embed} // 'max_inputs = 64') . ' }, text = '
            . ($of{text} // 'function(row) return row.content end') . ", into = { table = 'side', vector = 'embedding', hash = 'input' }")
        . ", pace = { lag = '0s', max_dead = 1 PACE } }\n";
    return {name => $of{name} // 'job', sql => $doc . $side, lua => $lua, vectors => 'SELECT content, embedding::text FROM doc JOIN side USING (id)', zero => {}};
}

sub here {
    my ($rows, %of) = @_;
    provider()->reset;
    return place(job(%of), rows => $rows, pace => $of{pace});
}

sub runs {
    my ($place, $what, $want) = @_;
    ($exit, $out, $err) = worker_run($place, 'run');
    is($exit, $want // 0, $what) or diag($err . $out);
    return;
}

sub compared {
    my ($place, $count, $what) = @_;
    my @said = worker_run($place, 'compare', $place->{kind}{vectors});
    is($said[1], "compared=$count wrong=0\n", $what) or diag($said[2]);
    return;
}

1;
