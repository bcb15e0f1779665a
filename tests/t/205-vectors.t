#!/usr/bin/perl
# The test vectors of docs/ledger.md: the page, stelec and the Perl implementation say the same.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use Stele::Ledger;
use Stele::Test;
use Test::More;

my $page = read_file(top() . '/docs/ledger.md');

my $empty = source_checksum('');
my $state = state_digest('main', ['001', 'empty', $empty]);
my %row = (
    (map { $_ => undef } qw(step compat one_way down_sha256 reason address)),
    seq => 1, component => 'main', format => 1, action => 'apply', version => '001', name => 'empty', file => '001_empty.sql',
    source => $empty, tokens => 't1:' . sha256_hex("stele-tokens-1\n"), state => $state, parameters => '{}',
    statements => 0, started => 0, duration => 1000, role => 'postgres', host => 'host', application => 'stele',
    build => 'build',
);
my %vector = (
    'the empty file' => $empty,
    'a Lua migration with a module' => source_checksum_of(qq{return require "m"\n}, ['m', "return 1\n"]),
    'a repeatable after another' => source_checksum_of('', ['R_a', $empty]),
    'nothing applied' => state_digest('main'),
    'one migration applied' => $state,
    "a row's bytes" => sha256_hex(row_bytes(\%row)),
    "a row's hash" => 'r1:' . row_hash(\%row),
    'a row that a reseal accepts' => chain_digest({%row, hash => row_hash(\%row)}),
);
like($page, qr/^ +\Q$vector{$_}\E$/m, "$_ is as on the page") for sort keys %vector;

my ($exit, undef, $err) = run(built('stelec'), 'seal', my $dir = migrations({'001_empty.sql' => '', '002_one.sql' => "SELECT 1;\n"}));
is($exit, 0, 'stelec seals') or diag($err);
my $lock = read_file("$dir/stele.lock");
like($lock, qr/^\Q$empty $row{tokens} $state\E main 001 001_empty\.sql$/m, 'stelec has the same for the empty file');
my ($tokens) = $lock =~ /^s1:\S+ (t1:\S+) \S+ main 002 /m;
like($page, qr/^ +SELECT 1;\n +\Q$tokens\E$/m, 'the tokens of a statement are as on the page');

# A file for each way.
my $pair = migrations({'1_a.up.sql' => "SELECT 1;\n", '1_a.down.sql' => "SELECT 2;\n"});
is((run(built('stelec'), 'seal', $pair))[0], 0, 'a pair is sealed');
my ($pair_source, $pair_tokens) = read_file("$pair/stele.lock") =~ /^(s2:\S+) (t1:\S+) /m;
is($pair_source, source_checksum_of("SELECT 1;\n", ['down', "SELECT 2;\n"]), 'its source is made as the page says');
like($page, qr/^ +\Q$pair_source\E$/m, 'and is as on the page');
is($pair_tokens, 't1:' . sha256_hex("stele-tokens-1\n", map { pack('N', length) . $_ } 'SELECT', '1', ';', '-- stele: down', 'SELECT', '2', ';'),
    'its tokens, too');

# The same with Lua.
my $migration = qq{local m = require "m"\nfunction up(db) print(m) end -- none\n};
my $required = qq{-- a module\nreturn [==[1]==]};
my $lua = migrations({'001_a.lua' => $migration, 'm.lua' => $required});
($exit, undef, $err) = run(built('stelec'), 'seal', '--lua', $lua, $lua);
is($exit, 0, 'a Lua migration with a module is sealed') or diag($err);
my ($source, $lua_tokens) = read_file("$lua/stele.lock") =~ /^(s2:\S+) (t1:\S+) /m;
is($source, source_checksum_of($migration, ['m', $required]), 'its source is made as the page says');
my @tokens = (qw(local m = require "m" function up ( db ) print ( m ) end), 'm', 'return', '[==[1]==]');
is($lua_tokens, 't1:' . sha256_hex("stele-tokens-1\n", map { pack('N', length) . $_ } @tokens), 'and its tokens');
my $vector = 't1:' . sha256_hex("stele-tokens-1\n", map { pack('N', length) . $_ } qw(return require "m" m return 1));
like($page, qr/^ +\Q$vector\E$/m, 'the tokens of a module are as on the page');

done_testing();
