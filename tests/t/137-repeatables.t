#!/usr/bin/perl
# R_name.sql: its place, its checksum, its state; and that a database follows when it changes.
use strict;
use warnings;
use Encode qw(decode_utf8);
use Test::More;
use Stele::Ledger;
use Stele::Test;

my $work = temporary(1);
my $dir = "$work/m";
sub stelec { return run(built('stelec'), '-w', @_, {cwd => $work}) }

# The rows of the table: [component, version, name, source, state].
sub rows {
    my $c = read_file("$work/m.c");
    my @columns = map { [$c =~ /^ +\.$_ = "(.*)",$/mg] } qw(component version name source state);
    return map { my $i = $_; [map { decode_utf8($_->[$i]) } @columns] } 0 .. $#{$columns[0]};
}

# What the states should be: after each row, the digest of the component's set so far, whatever the order it came in.
sub expected_states {
    my @states;
    my %set;
    for my $row (@_) {
        my ($component, @member) = @{$row}[0 .. 3];
        push @{$set{$component}}, \@member;
        my @sorted = sort { ($a->[0] eq 'R') <=> ($b->[0] eq 'R') || ($a->[0] eq 'R' ? $a->[1] cmp $b->[1] : $a->[0] <=> $b->[0]) } @{$set{$component}};
        push @states, state_digest($component, @sorted);
    }
    return @states;
}

# ------------------------------------------------- places, sources, states

migrations({
    '001_t.sql' => "CREATE TABLE t (x int);\n",
    '002_u.sql' => "CREATE TABLE u (x int);\n",
    'R_a.sql' => "-- stele: after R_z\nCREATE OR REPLACE VIEW a AS SELECT * FROM z;\n",
    'R_b b.sql' => "-- stele: after R_a, R_z\n-- stele: after R_z\nCREATE OR REPLACE VIEW b AS SELECT a.x FROM a, u;\n",
    'R_m.sql' => "INSERT INTO t SELECT 1;\n",
    'R_q.sql' => qq(-- stele: after "R_b b"\nSELECT 1;\n),
    'R_z.sql' => "CREATE OR REPLACE VIEW z AS SELECT x FROM t;\n",
}, $dir);
is(join('|', stelec('-o', 'm.c', 'm')), '0||', 'repeatables are taken');
my @rows = rows();
is(join(' ', map { "$_->[1]_$_->[2]" } @rows), '001_t 002_u R_m R_z R_a R_b b R_q', 'they stand behind the versioned ones, by name and by what they come after');
my %source = map { ("R_$_->[2]" => $_->[3]) } @rows;
my $text = sub { read_file("$dir/R_$_[0].sql") };
is($source{R_z}, source_checksum($text->('z')), 'one by itself has the checksum of its text');
is($source{R_a}, source_checksum_of($text->('a'), ['R_z', $source{R_z}]), 'one after another covers that one');
is($source{'R_b b'}, source_checksum_of($text->('b b'), ['R_a', $source{R_a}], ['R_z', $source{R_z}]), 'each once, by name');
is(join(' ', map { $_->[4] } @rows), join(' ', expected_states(@rows)), 'each has the state of the set so far');
unlike(read_file("$dir/stele.lock"), qr/R_/, 'none is in the lock');
unlike(read_file("$work/m.h"), qr/STELE_main_R/, 'nor in the header');

write_file("$dir/R_z.sql", "CREATE OR REPLACE VIEW z AS SELECT x FROM t WHERE x > 0;\n");
is(join('|', stelec('--sealed', '-o', 'm.c', 'm')), '0||', 'one may be edited');
my %now = map { ("R_$_->[2]" => $_->[3]) } rows();
is(join(' ', sort grep { $now{$_} ne $source{$_} } keys %now), 'R_a R_b b R_q R_z', 'which changes the sources of all that come after it');

# ---------------------------------------------------------------------- new

is(join('|', stelec('new', '--repeatable', 'open sessions', 'm')), "0|m/R_open_sessions.sql\n|", 'stelec new --repeatable');
is(join('|', stelec('new', 'R_views', 'm')), "0|m/R_views.sql\n|", 'or a name that says so');
like((stelec('new', 'R_views', 'm'))[2], qr/can't create file: File exists/, 'never over another');
is((stelec('-o', 'm.c', 'm'))[0], 0, 'what it makes builds');
is(join('|', stelec('new', 'more', 'm')), "0|m/003_more.sql\n|", 'and counts as no version');
unlink map { "$dir/$_" } qw(R_open_sessions.sql R_views.sql 003_more.sql);

# ---------------------------------------------------------------- a database

my $db = fresh_database();
sub up {
    my ($name) = @_;
    my ($exit, $out, $err) = stele(program($dir), $db, 'up');
    is($exit, 0, "$name: up succeeds") or diag("$out$err");
    is((stele(program($dir), $db, 'check'))[0], 0, "$name: nothing is pending then");
    is((stele(program($dir), $db, 'audit'))[0], 0, "$name: and the audit agrees");
    return;
}
my $applied = sub { psql($db, q(SELECT string_agg(version || '_' || name, ' ' ORDER BY seq) FROM stele.ledger WHERE seq > ) . ($_[0] || 0)) };
up('at first');
is($applied->(), '001_t 002_u R_m R_z R_a R_b b R_q', 'all are applied in their order');
migrations({'R_a.sql' => "-- stele: after R_z\nCREATE OR REPLACE VIEW a AS SELECT x, x AS y FROM z;\n"}, $dir);
is((stele(program($dir), $db, 'check'))[0], 5, 'a change is pending');
up('after a change');
is($applied->(7), 'R_a R_b b R_q', 'it runs again, and what comes after it');
is(psql($db, 'SELECT count(*) FROM t'), '1', 'the others do not');
migrations({'003_v.sql' => "CREATE TABLE v (x int);\n"}, $dir);
up('with a new version');
is($applied->(10), '003_v', 'only that is applied');

done_testing();
