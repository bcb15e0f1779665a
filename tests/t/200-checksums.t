#!/usr/bin/perl
# The three digests that can't change any more: each is computed here once more, from its
# description, and must be what the ledger, the lock and the program have.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use Encode qw(encode_utf8);
use Stele::Ledger;
use Stele::Test;
use Test::More;

my %files = (
    '001_first.sql' => "CREATE TABLE first (x int);\n-- stele: down\nDROP TABLE first;\n",
    '002_ünïcode.sql' => encode_utf8("-- \x{e9}\x{1f600}\nCREATE TABLE \"\x{fc}\" (x text DEFAULT '\x{65e5}\x{672c}');\n"
            . "-- stele: down\nDROP TABLE \"\x{fc}\"; -- \x{20ac}"),
    '003_one_way.sql' => "-- stele: one-way \"\xc3\xa9crit \\\"once\\\"\"\nDROP TABLE first;\n",
    '004_steps.sql' => "CREATE TABLE s (x int);\nCREATE INDEX CONCURRENTLY s_x ON s (x);\nCOMMENT ON TABLE s IS 'x';\n",
    '005_empty.sql' => "-- nothing here\n",
    '006_other.sql' => "-- stele: component other\nCREATE TABLE other (x int);\n",
    '007_last.sql' => "CREATE TABLE last (dim int DEFAULT \${dim}, t text DEFAULT \${word});\n",
    'stele.conf' => "parameter dim integer build 384\nparameter word literal run\n",
);
%files = map { (utf8::is_utf8($_) ? encode_utf8($_) : $_) => $files{$_} } keys %files;
my $dir = migrations({%files});
my $program = program($dir);
my $database = fresh_database();
my ($exit, $out, $err) = stele($program, $database, 'up', '-D', "word=a\"b\\c\t\xc3\xa9");
is($exit, 0, 'up') or BAIL_OUT($err);

my @rows = ledger_rows($database);
my %previous;
for my $row (@rows) {
    my $what = "row $row->{seq} of $row->{component}, $row->{action} $row->{version}" . ($row->{step} ? " step $row->{step}" : '');
    is(row_hash($row, $previous{$row->{component}}), $row->{hash}, encode_utf8("$what: the hash follows"));
    $previous{$row->{component}} = $row->{hash};
}
is_deeply([map { "$_->{action} " . ($_->{step} // '-') } grep { $_->{version} eq '004' } @rows],
    ['step 1', 'begin 2', 'step 2', 'step 3', 'apply -'], 'the steps of a migration are rows');
is(psql($database, q{SELECT string_agg(component || seq || encode(hash, 'hex'), ' ' ORDER BY component) FROM stele.anchor}),
    join(' ', map { my $c = $_; $c . (grep { $_->{component} eq $c } @rows) . $previous{$c} } sort keys %previous),
    'the anchors are the last hashes');
is(psql($database, q{SELECT count(*) FROM stele.anchor AS a JOIN stele.ledger AS l USING (component, seq, hash, state)
    WHERE a.parameters::text = l.parameters::text}), scalar(keys %previous), 'and have the last state and parameters');

# All that a row can hold was held by one.
my %seen;
for my $row (@rows) {
    $seen{$_}{defined $row->{$_} ? 'value' : 'null'} = 1 for keys %{$row};
}
ok($seen{$_}{value} && $seen{$_}{null}, "$_ was there, and was null") for qw(step one_way down);
my ($last) = grep { $_->{version} eq '007' } @rows;
is($last->{parameters}, qq({"dim":"384","word":"a\\"b\\\\c\\u0009\x{e9}"}), 'parameters are an object with sorted keys');
is($last->{role}, 'postgres', 'the role');
is($last->{application}, 'stele', 'the application');
is($last->{statements}, 1, 'the statements');
like($last->{build}, qr/^stele \S+, stelec \S+, d1:[0-9a-f]{12}$/, 'the build');
my ($unicode) = grep { $_->{version} eq '002' } @rows;
is($unicode->{name}, "\x{fc}n\x{ef}code", 'a name is text');
is($_->{down_sha256}, defined $_->{down} ? sha256_hex(encode_utf8($_->{down})) : undef, "row $_->{seq} of $_->{component} has its script's digest") for @rows;
is($unicode->{down}, qq(-- stele: script 1\n-- stele: loses table "\\"\x{fc}\\""\n-- stele: transaction 15\nDROP TABLE "\x{fc}";\n), 'the down script is kept, in the form that stele writes');

# s1 and d1.
my %set;
for my $row (grep { $_->{action} eq 'apply' } @rows) {
    my $file = encode_utf8($row->{file});
    is($row->{source}, source_checksum($files{$file}), "$file: source checksum");
    push(@{$set{$row->{component}}}, [@{$row}{qw(version name source)}]);
    is($row->{state}, state_digest($row->{component}, @{$set{$row->{component}}}), "$file: state digest");
}
my @steps = grep { $_->{version} eq '004' && $_->{action} ne 'apply' } @rows;
my ($before) = grep { $_->{version} eq '003' } @rows;
is_deeply([map { $_->{state} } @steps], [($before->{state}) x @steps], 'a step leaves the state as it was');

my %locked = map { /^(s1:\S+) t1:\S+ (d1:\S+) \S+ (\S+) / ? ($3 => "$1 $2") : () } split(/\n/, read_file("$dir/stele.lock"));
is_deeply(\%locked, {map { $_->{version} => "$_->{source} $_->{state}" } grep { $_->{action} eq 'apply' } @rows},
    'the lock has the same checksums');

# Written by hand from the format, so that this file and the code can't be wrong in the same way.
is(source_checksum("CREATE TABLE first (x int);\n"), 's1:' . sha256_hex("CREATE TABLE first (x int);\n"), 's1 is what sha256sum prints');
is(state_digest('main'), 'd1:' . sha256_hex("stele-state-1\n\0\0\0\4main"), 'd1 of an empty set');

# The ledger's server-side encoding does not depend on the session's taste.
my $odd = fresh_database();
psql('postgres', "ALTER DATABASE $odd SET \"DateStyle\" = 'German'; ALTER DATABASE $odd SET \"TimeZone\" = 'Asia/Kathmandu';"
    . " ALTER DATABASE $odd SET bytea_output = 'escape'; ALTER DATABASE $odd SET extra_float_digits = -15;"
    . " ALTER DATABASE $odd SET \"IntervalStyle\" = 'iso_8601'; ALTER DATABASE $odd SET standard_conforming_strings = off;"
    . " ALTER DATABASE $odd SET search_path = nowhere; ALTER DATABASE $odd SET default_transaction_isolation = 'serializable'");
my $small = program(migrations({'001_a.sql' => "CREATE TABLE public.a (x int);\n", '002_b.sql' => "CREATE TABLE public.b (x int);\n"}));
($exit, $out, $err) = stele($small, $odd, 'up');
is($exit, 0, 'up with odd settings of the database') or diag($err);
my $hash;
for my $row (ledger_rows($odd)) {
    is(row_hash($row, $hash), $row->{hash}, "the hash follows there too: $row->{file}");
    $hash = $row->{hash};
}
($exit, $out, $err) = stele($small, $odd, 'audit');
is($exit, 0, 'and the audit agrees') or diag($out, $err);

# Nor on the database's encoding.
my $accents = program(migrations({"001_\xc3\xa9.sql" => "CREATE TABLE \"\xc3\xa9\" (x text DEFAULT \${word});\n-- stele: down\nDROP TABLE \"\xc3\xa9\";\n",
    'stele.conf' => "parameter word literal run\n"}));
for my $encoding ('LATIN1', 'SQL_ASCII', 'LATIN9') {
    my $other = fresh_database();
    psql('postgres', "DROP DATABASE $other");
    psql('postgres', "CREATE DATABASE $other ENCODING '$encoding' LOCALE 'C' TEMPLATE template0");
    ($exit, $out, $err) = stele($accents, $other, 'up', '-D', "word=\xc3\xbc");
    is($exit, 0, "up in a database in $encoding") or diag($err);
    ($exit, $out, $err) = stele($accents, $other, $_) and is($exit, 0, "$_ in a database in $encoding") || diag($out, $err) for 'audit', 'check', 'up';
    my ($row) = json_lines((stele($accents, $other, 'history', '--json'))[1]);
    is_deeply([@{$row}{qw(name parameters)}], ["\x{e9}", qq({"word":"\x{fc}"})], 'its texts are UTF-8 to us');
}

done_testing();
