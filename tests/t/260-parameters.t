#!/usr/bin/perl
# Parameters: quoted for the place where they stand, whatever they hold; recorded; and held against
# what the database was made with.

use strict;
use warnings;
use utf8;

use Encode qw(encode_utf8 decode_utf8);
use JSON::PP;
use Stele::Ledger;
use Stele::Test;
use Test::More;

sub conf { return join('', map { "parameter $_\n" } @_) }
sub up {
    my ($dir, $database, @arguments) = @_;
    return stele(program($dir), $database, 'up', map { encode_utf8($_) } @arguments);
}
my ($exit, $out, $err);

# Each kind in each place, with values that would break out of it if they could.
my $all = migrations({'stele.conf' => conf('v literal run', 'i identifier run', 'n integer run', 'r raw run'), '001_t.sql' => <<'SQL'});
CREATE TABLE got (place text, value text);
INSERT INTO got VALUES ('token', ${v});
INSERT INTO got VALUES ('string', '<${v}>');
INSERT INTO got VALUES ('estring', E'<\t${v}>');
INSERT INTO got VALUES ('two', '${v}${v}');
INSERT INTO got SELECT 'name', "<${v}>" FROM (SELECT 'x') AS t ("<${v}>");
INSERT INTO got SELECT 'identifier', ${i} FROM (SELECT 'y') AS t (${i});
INSERT INTO got SELECT 'identifier in a string', '<${i}>';
INSERT INTO got SELECT 'negative', 5 - ${n};
INSERT INTO got SELECT 'raw', ${r};
INSERT INTO got SELECT 'undeclared', '${nothing}';
INSERT INTO got SELECT 'comment', 1 /* ${v} */; -- ${v}
COMMENT ON TABLE got IS '${v}';
SQL
my @hostile = (
    "plain", "", " ", "'", "''", "'; DROP TABLE got; --", '"', '""', "\\", "\\'", "\\\\'", "a\nb", "\t", "ä日本😀", "\$\$", "\$tag\$", '${v}', '${n}',
    "*/ DROP TABLE got; /*", "--", "%s%n", "E'", "x' 'y", "\x{feff}", "\r",
);
for my $value (@hostile) {
    my $database = fresh_database();
    my $unicode = $value;
    ($exit, $out, $err) = up($all, $database, '-D', "v=$value", '-D', 'i=A"b c', '-D', 'n=-7', '-D', "r='raw'||1");
    my $shown = encode_utf8($value =~ s/([\n\t\r])/sprintf('\\x%02x', ord $1)/ger);
    is($exit, 0, "\"$shown\": applied") or diag($err), next;
    my %got = map { @{$_}{qw(place value)} } @{JSON::PP->new->utf8->decode(psql($database, 'SELECT json_agg(got) FROM got'))};
    my %want = (token => $value, string => "<$value>", estring => "<\t$value>", two => "$value$value", name => 'x', identifier => 'y',
        'identifier in a string' => '<A"b c>', negative => '12', raw => 'raw1', undeclared => '${nothing}', comment => '1');
    is_deeply(\%got, \%want, "\"$shown\": is what it was, in each place");
    is(decode_utf8(psql($database, q{SELECT coalesce(obj_description('got'::regclass), '')})), $value =~ s/\n\z//r, "\"$shown\": in a command that takes no expressions");
    my ($row) = ledger_rows($database);
    is_deeply(JSON::PP->new->decode($row->{parameters}), {v => $value, i => 'A"b c', n => '-7', r => "'raw'||1"}, "\"$shown\": recorded");
    is((stele(program($all), $database, 'audit'))[0], 0, "\"$shown\": the ledger is sound");
    ($exit, $out, $err) = up($all, $database);
    is($exit, 0, "\"$shown\": found again without being given") or diag($err);
    psql('postgres', "DROP DATABASE $database");
}

# In a dollar-quoted body a value stands as a token does; one with a $ can't.
my $body = migrations({'stele.conf' => conf('v literal run'), '001_f.sql' => "CREATE FUNCTION f() RETURNS text LANGUAGE sql AS \$f\$ SELECT \${v} \$f\$;\n"});
my $db = fresh_database();
($exit, $out, $err) = up($body, $db, '-D', "v=a'b\\c");
is($exit, 0, 'a value in a function body') or diag($err);
is(psql($db, 'SELECT f()'), "a'b\\c", 'is what it was');
($exit, $out, $err) = up($body, fresh_database(), '-D', 'v=a$f$b');
is($exit, 9, 'one with a $ in it is refused');
like($err, qr{/001_f\.sql:1:\d+: error: the value of parameter "v" has a \$ in it}, 'with the place');

# Values that are not of their kind, and names that are not parameters.
my $kinds = migrations({'stele.conf' => conf('n integer run 1', 'i identifier run a', 'b integer build 3'), '001_t.sql' => "SELECT \${n} AS \${i}, \${b};\n"});
for my $case (
    ['n=x', qr/parameter "n" is "x", which is not an integer/], ['n=', qr/not an integer/], ['n=-', qr/not an integer/], ['n=1; DROP TABLE x', qr/not an integer/],
    ['n= 1', qr/not an integer/], ['n=1.5', qr/not an integer/], ['i=', qr/not an identifier/], ['i=' . ('x' x 64), qr/not an identifier/],
    ['z=1', qr/there is no parameter "z" in this program/], ['b=4', qr/parameter "b" was fixed when this program was built: it is "3"\nhint: build again with -D b=4/],
) {
    my ($define, $complaint) = @{$case};
    ($exit, $out, $err) = up($kinds, fresh_database(), '-D', $define);
    is($exit, 2, "-D $define is a usage error");
    like($err, $complaint, 'that is explained');
}
($exit, $out, $err) = up($kinds, fresh_database(), '-D', 'b=3', '-Dn=4', '-D', 'i=' . ('x' x 63));
is($exit, 0, 'the value that it was built with may be given') or diag($err);

# Without a value.
my $without = migrations({'stele.conf' => conf('n integer run', 'unused integer run'), '001_a.sql' => "CREATE TABLE a (x int);\n", '002_t.sql' => "SELECT 1,\n  \${n};\n"});
$db = fresh_database();
($exit, $out, $err) = up($without, $db);
is($exit, 9, 'a parameter without a value is a requirement that is not met');
like($err, qr{/002_t\.sql:2:3: error: parameter "n" has no value\n    2 \|   \$\{n\};\n      \|   \^\nhint: give it one: -D n=VALUE$}, 'with the place, and what to do');
is(psql($db, q{SELECT to_regnamespace('stele') IS NULL, to_regclass('a') IS NULL}), 't|t', 'before anything ran');
is((stele(program($without), $db, 'plan'))[0], 9, 'plan says so too');
is((up($without, $db, '-D', 'n=1'))[0], 0, 'given, it goes');

# What the database was made with decides.
my %history = ('001_t.sql' => "CREATE TABLE t (x int DEFAULT \${n}, y text DEFAULT \${v});\n");
my $made = migrations({%history, 'stele.conf' => conf('n integer build 384', 'v literal run dflt')});
$db = fresh_database();
is((up($made, $db))[0], 0, 'made with 384 and the default');
for my $command ('check', 'up', 'plan') {
    ($exit, $out, $err) = stele(program($made), $db, $command, '-D', 'v=other');
    is($exit, 9, "$command with another value of a run parameter");
    like($err, qr/parameter "v" is "other" in this program, but the database was made with "dflt"\nhint: run the program with the value that the database has/, 'names both');
}
is((stele(program($made), $db, 'up', '-D', 'v=dflt'))[0], 0, 'the same value is fine');
my $rebuilt = migrations({%history, 'stele.conf' => conf('n integer build 1024', 'v literal run dflt')});
for my $command ('check', 'up') {
    ($exit, $out, $err) = stele(program($rebuilt), $db, $command);
    is($exit, 9, "$command of a program that was built with another value");
    like($err, qr/parameter "n" is "1024" in this program, but the database was made with "384"\nhint: build the program with the value/, 'names both');
}
my $default = migrations({%history, 'stele.conf' => conf('n integer build 384', 'v literal run changed'), '002_u.sql' => "CREATE TABLE u (x text DEFAULT \${v}, z text DEFAULT \${new});\n"});
write_file("$default/stele.conf", conf('n integer build 384', 'v literal run changed', 'new literal run fresh'));
($exit, $out, $err) = up($default, $db);
is($exit, 0, 'a changed default gives way to the value in force') or diag($err);
psql($db, 'INSERT INTO u DEFAULT VALUES');
is(psql($db, 'SELECT x, z FROM u'), 'dflt|fresh', 'which is used; a new parameter takes its own');
is((ledger_rows($db))[1]{parameters}, '{"n":"384","new":"fresh","v":"dflt"}', 'and all are recorded');
($exit, $out, $err) = stele(program($made), $db, 'check');
is($exit, 0, 'an older program is behind, and can live with that') or diag($out, $err);
is((stele(program($made), $db, 'check', '--exact'))[0], 7, 'not in disagreement');

# -D when built.
my $defined = migrations({%history, 'stele.conf' => conf('n integer build 384', 'v literal run')});
$db = fresh_database();
($exit, $out, $err) = stele(program($defined, '-D', 'n=12'), $db, 'up', '-D', 'v=x');
is($exit, 0, 'a value given when built') or diag($err);
psql($db, 'INSERT INTO t DEFAULT VALUES');
is(psql($db, 'SELECT x, y FROM t'), '12|x', 'is used');

done_testing();
