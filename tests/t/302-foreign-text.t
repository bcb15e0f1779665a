#!/usr/bin/perl
# What comes from elsewhere (the server, a script, somebody's reason) and could steer a terminal or turn the direction of writing: no command prints it, in whatever form it was asked for.

use strict;
use warnings;
use utf8;

use Encode qw(decode encode);
use JSON::PP qw(decode_json);
use Stele::Test;
use Test::More;

binmode(Test::More->builder->$_, ':encoding(UTF-8)') for qw(output failure_output todo_output);

# In SQL and in Lua alike: a window title, a C1 CSI, DEL, a carriage return, a mark, an override, an isolate, a line separator; and what is all right.
my $evil = "\e]0;owned\a\e[2K\x{9b}31m\x7f\rnothing\x{200f}\x{202e}gnp.exe\x{2066}\x{2028}";
my $good = "Grüße, 日本語, שלום, 👩\x{200d}👩, é";
my $harmful = qr/[\x00-\x08\x0b-\x1f\x7f-\x9f\x{61c}\x{200e}\x{200f}\x{2028}-\x{202e}\x{2066}-\x{2069}\x{feff}]/;
my $text = $evil . $good;
my ($exit, $out, $err);

sub bytes { return encode('UTF-8', $_[0]) }

sub does {
    my ($status, $what, $program, $database, @words) = @_;
    ($exit, $out, $err) = map { decode('UTF-8', $_) } stele($program, $database, map { bytes($_) } @words);
    is($exit, $status, $what) or diag("$out$err");
    unlike("$out$err", $harmful, '... prints nothing that steers a terminal');
    return "$out$err";
}

sub events { return map { decode_json(bytes($_)) } split(/\n/, $out) }

# ------------------------------------------------------------------ migrations

my $raise = sub {
    my ($level, $more) = @_;
    return bytes("DO \$x\$ BEGIN RAISE $level '%', 'first $text' USING ERRCODE = 'P0001'$more; END \$x\$;\n");
};
my $details = ", DETAIL = E'detail $text\\nsecond', HINT = E'hint $text\\r\\nsecond'";
my $warns = program(migrations({'001_t.sql' => "CREATE TABLE t (id int);\n" . $raise->('WARNING', ''), '002_loud.lua' => bytes("function up(db) print('said $text') end\n") =~ s/\r/\\r/r}));
my $db = fresh_database();
my $said = does(0, 'up, with a warning and a print', $warns, $db, 'up');
like($said, qr/warning: first \x{fffd}.*\Q$good\E \[P0001\]/, '... which are told, with all that is harmless');
like($said, qr/said \x{fffd}.*\Q$good\E$/m, '... both');
$said = does(0, 'history', $warns, $db, 'history');

my $fails = program(migrations({'001_t.sql' => "CREATE TABLE t (id int);\n", '002_fails.sql' => $raise->('EXCEPTION', $details)}));
$db = fresh_database();
$said = does(1, 'up that fails', $fails, $db, 'up');
like($said, qr/error: first \x{fffd}.*\Q$good\E \[P0001\]\n/, '... says why');
like($said, qr/^detail: detail \x{fffd}[^\n]*\Q$good\E\n        second\nhint: hint \x{fffd}[^\n]*\Q$good\E\n      second\n/m, '... with all lines of the detail and the hint');
does(1, 'for machines', $fails, $db, 'up', '--json');
my ($error) = grep { $_->{event} eq 'error' } events();
is($error->{message}, "first $text", '... it is all there');
does(5, 'check', $fails, $db, 'check');
does(0, 'status', $fails, $db, 'status');
does(0, 'plan', $fails, $db, 'plan');
like($out, qr/ DO \$x\$ BEGIN RAISE EXCEPTION '%', 'first \x{fffd}/, '... shows the statement');
does(0, 'plan for machines', $fails, $db, 'plan', '--json');
is((map { $_->{sql} =~ /'first (.*?)'/s } grep { $_->{event} eq 'statement' } events())[0], $text, '... has it as it is');

# A caret stands under what it means, whatever is before it.
my $slip = program(migrations({'001_t.sql' => bytes("SELECT '$text', nowhere;\n")}));
$said = does(1, 'an error behind such a text', $slip, fresh_database(), 'up');
my ($source, $caret) = $said =~ /^ +1 \| (.*)\n +\| ( *)\^$/m;
is(substr($source // '', length($caret // ''), 7), 'nowhere', '... has its caret in the right column');

# A ledger with somebody's reason in it, and checks with such titles.
my $plain = program(migrations({'001_t.sql' => bytes("CREATE TABLE t (id int);\n-- stele: verify\nSELECT false AS \"title \e[31m\x{202e}\x{9b}é\";\n")}));
$db = fresh_database();
psql($db, "CREATE TABLE t (id int)");
does(0, 'baseline with such a reason', $plain, $db, 'baseline', '001', '--reason', "because\n$text");
like(does(0, 'history', $plain, $db, 'history'), qr/because\n.*\Q$good\E$/m, '... has the reason');
does(0, 'history for machines', $plain, $db, 'history', '--json');
is((grep { defined } map { $_->{reason} } events())[0], "because\n$text", '... as it is');
does(0, 'audit', $plain, $db, 'audit');
for my $form ([], ['--tap'], ['--json']) {
    like(does(1, "verify @{$form}", $plain, $db, 'verify', @{$form}), qr/title .*é/, '... tells the title');
}
does(2, 'a word that is none', $plain, $db, $text);

# ------------------------------------------------------------------------ jobs

my $table = "CREATE TABLE doc (id bigint PRIMARY KEY, content text, loud text);\nINSERT INTO doc SELECT i, 'x' FROM generate_series(1, 20) i;\n";
my $map = "return { table = 'doc', key = 'id', read = { 'content' }, follow = 'none', map = function(row) error('no $text') end }\n";
my $job = program(migrations({'001_doc.sql' => $table, 'J_shout.lua' => bytes($map) =~ s/\r/\\r/r}));
$db = fresh_database();
does(0, 'up', $job, $db, 'up');
like(does(0, 'job try', $job, $db, 'job', 'try', '1'), qr/no \x{fffd}.*\Q$good\E/, '... says what is wrong with the row');
does(5, 'job run', $job, $db, 'job', 'run');
like(does(0, 'job dead list', $job, $db, 'job', 'dead', 'list'), qr/no \x{fffd}.*\Q$good\E/, '... says what is wrong with each row');
does(0, 'job resume', $job, $db, 'job', 'resume');
does(0, 'job pause', $job, $db, 'job', 'pause', '--reason', $text);
like(does(5, 'a run of a job that was paused so', $job, $db, 'job', 'run'), qr/was paused by .*\Q$good\E/, '... tells the reason');
like(does(0, 'its status', $job, $db, 'job', 'status', @{$_}), qr/\Q$good\E/, '... tells it, too') for [], ['shout'], ['--json'];

does(0, 'job resume', $job, $db, 'job', 'resume');
does(0, 'job pause, with a reason of 40 kB', $job, $db, 'job', 'pause', '--reason', $good x 1000);
like(does(0, 'its status', $job, $db, 'job', 'status'), qr/UTC: \Q$good\E.*\.\.\.$/m, '... has as much of it as fits');
is(psql($db, 'SELECT octet_length(reason) < 512 FROM stele.job'), 't', '... and so has the table');

done_testing();
