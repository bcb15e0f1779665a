#!/usr/bin/perl
# A provider that can't be reached: why is said at once, wherever somebody looks; and with a script whose provider can't even be named, a job can still be looked at, paused and cancelled.

use strict;
use warnings;

use JSON::PP qw(decode_json);
use Stele::Provider;
use Stele::Test;
use Test::More;

my $provider = Stele::Provider->new;
my $url = $provider->url;
my $folder = migrations({
    '001_a.sql' => "CREATE EXTENSION vector;\nCREATE TABLE doc (id bigint PRIMARY KEY, content text);\nCREATE TABLE side (id bigint PRIMARY KEY, input bytea NOT NULL, v vector(8));\n",
    'stele.conf' => "parameter address literal run\n",
    'J_e.lua' => "return { table = 'doc', key = 'id', read = 'content', text = function(row) return row.content end,\n"
        . "    embed = http { url = parameter 'address', model = 'm', dimensions = 8, send_dimensions = true },\n    into = { table = 'side', vector = 'v', hash = 'input' } }\n",
});
my $program = program($folder);
my $db = fresh_database();
my ($exit, $out, $err);
sub job { ($exit, $out, $err) = stele($program, $db, 'job', @_); return $exit }

is((stele($program, $db, 'up', '-D', "address=$url"))[0], 0, 'up');
psql($db, "INSERT INTO doc SELECT i, 'text ' || i FROM generate_series(1, 5) AS i; ANALYZE doc");

# --------------------------------------------------------------- one that is slow

$provider->control(latency => 3000);
is(job('try', '1'), 0, 'a try with a slow provider') or diag($err);
like($err, qr/^\S+: waits for provider: its first answer, for \d+ s$/m, '... says what it waits for');
like($out, qr/^the provider took [\d.]+ s for these: /m, '... and how long it took');

# --------------------------------------------------------------- one that isn't there

$provider->stop;
is(job('try', '1'), 1, 'a try where nobody listens') or diag($out);
like($err, qr/error: the provider can't be reached: .*onnect.*; retried for \d+ s of 60 s\nhint: is `url` in the script/m, '... ends with the reason');
my $run = start($program, 'job', 'run', 'e', '--db', url($db), {timeout => 300});
ok(wait_for($db, "SELECT to_regclass('stele.space') IS NOT NULL"), 'a run begins');
ok(wait_for($db, "SELECT count(*) > 0 FROM stele.worker WHERE bound LIKE 'provider: %onnect%; retried for % s of 600 s'"), '... and tells why it stands still');
is(job('status', 'e'), 0, 'status');
like($out, qr/; limited by provider: .*onnect.*; retried for \d+ s of 600 s$/m, '... says so');
is(job('status', '--json'), 0, 'for machines, too');
like((map { $_->{bound} // '' } map { decode_json($_) } grep { /"state"/ } split(/\n/, $out))[0], qr/^provider: .*onnect.*; retried for/, '... in bound');
is(job('pause', 'e'), 0, 'it is paused') or diag($err);
($exit, $out, $err) = finish($run);
is($exit, 5, '... and ends') or diag($out . $err);
like($out, qr/^e: load \|.* \| limited by provider: .*onnect.*; retried for \d+ s of 600 s$/m, '... its own lines had the reason');

# ------------------------------------------------------------- one that is no address

is((stele($program, $db, 'repair', 'set', 'address=nonsense', '--reason', 'a slip'))[0], 0, 'the address is nonsense');
for my $verb ('run', 'plan', 'try', 'verify', 'finish', 'knobs') {
    is(job($verb, 'e'), 1, "$verb needs the script");
    like($err, qr/J_e\.lua:2:\d+: error: "embed\.url" is no address that begins with https:\/\/ or http:\/\/, but "nonsense", from the parameter "address"\n/, '... and says where it is wrong, and whose value that is');
}
is(job('status', 'e'), 0, 'status goes without') or diag($err);
like($out, qr/^e: load, paused\n +reason +paused by postgres\b.*$/m, '... and says why it is paused');
is(job('status'), 0, 'status of all jobs') or diag($err);
is(job('watch', 'e'), 5, 'watch') or diag($err);
is(job('resume', 'e'), 0, 'resume') or diag($err);
is(job('status', 'e'), 0, 'status');
like($out, qr/^ +reason +the script can't be run: \S*J_e\.lua:2: "embed\.url" is no address/m, '... and, where nothing else is said, what is wrong with the script');
is(job('set', 'e', 'rpm=60'), 0, 'a knob is set') or diag($err);
psql($db, "INSERT INTO stele.dead (job, key, stage, code, message) SELECT id, '{1}', 'embed', '400', 'refused' FROM stele.job");
is(job('dead', 'list', 'e'), 0, 'rows that were given up') or diag($err);
like($out, qr/^ +1 +embed 400 +refused/m, '... are listed');
is(job('dead', 'retry', 'e'), 0, '... and may be tried again') or diag($err);
is(job('pause', 'e'), 0, 'pause') or diag($err);
is(psql($db, "SELECT count(*) > 0 FROM pg_trigger WHERE tgrelid = 'doc'::regclass"), 't', 'it has triggers');
is(job('cancel', 'e'), 0, 'cancel') or diag($err);
is(psql($db, "SELECT state, (SELECT count(*) FROM pg_trigger WHERE tgrelid = 'doc'::regclass) FROM stele.job"), 'cancelled|0', '... and has none');

# --------------------------------------------------------- one of another dimension

$provider = Stele::Provider->new;
my $other = program(migrations({
    '001_a.sql' => "CREATE EXTENSION vector;\nCREATE TABLE doc (id bigint PRIMARY KEY, content text);\nCREATE TABLE side (id bigint PRIMARY KEY, input bytea NOT NULL, v vector(64));\n",
    'J_d.lua' => "return { table = 'doc', key = 'id', read = 'content', text = function(row) return row.content end,\n"
        . "    embed = http { url = '" . $provider->url . "', model = 'm', dimensions = 64 }, into = { table = 'side', vector = 'v', hash = 'input' } }\n",
}));
$db = fresh_database();
is((stele($other, $db, 'up'))[0], 0, 'up');
psql($db, "INSERT INTO doc SELECT i, 'text ' || i FROM generate_series(1, 500) AS i; ANALYZE doc");
for my $verb ('try', 'run') {
    ($exit, $out, $err) = stele($other, $db, 'job', $verb);
    like($err, qr/error: (?:the job "d" is paused: )?the provider gives wrong answers: a vector has 1024 dimensions, not 64: `send_dimensions = true` asks /, "$verb: a model of another dimension is told, and the cure");
}

done_testing();
