#!/usr/bin/perl
# The command line: what each command prints and exits with, for people, for machines and for prove.

use strict;
use warnings;

use Stele::Ledger;
use Stele::Test;
use Test::More;

my $dir = migrations({
    '001_a.sql' => "CREATE TABLE a (x int);\nINSERT INTO a\n  VALUES (1),\n  (2);\n",
    '002_b.sql' => "CREATE TABLE b (t text DEFAULT 'a\"\\\xc3\xa9\t');\nCREATE INDEX CONCURRENTLY ON b (t);\n",
    '003_c.sql' => "-- nothing\n",
});
my $program = program($dir);
my ($name) = $program =~ m{([^/]+)\z};
my ($exit, $out, $err);
my $db = fresh_database();

# A command's one JSON object per line, each with an event.
sub lines { return map { ref $_ eq 'HASH' && $_->{event} ? $_ : die "no event\n" } json_lines($_[0]) }

# ------------------------------------------------------------------- usage

for my $option ('--help', '-h') {
    ($exit, $out, $err) = run($program, $option);
    is("$exit$err", '0', "$option is no error");
    like($out, qr/^usage: $name COMMAND \[options\]\n/, 'and says what there is');
}
for my $command (qw(up down redo status check plan verify history audit)) {
    like($out, qr/^  $command\b/m, "$command is in the help");
}
{
    my %of; # the options of each command's own help
    for my $command (qw(up down redo status check plan verify history audit baseline repair grant job)) {
        my ($exit, $out, $err) = run($program, $command, '--help');
        is("$exit$err", '0', "$command --help is no error");
        like($out, qr/^usage: $name $command(?: (?! )[^\n]*)? \[options\]\n(?: {6} $name $command [^\n]* \[options\]\n)*\n  $command\b(?:(?!\n  (?!$command)[a-z]).)*\n\n  --db /s, 'and tells of that command only');
        $of{$_} .= " $command" for $out =~ /^  (--[a-z-]+)/mg;
    }
    my %takes = (up => ' \[VERSION\]', plan => ' \[VERSION\]', down => ' \[VERSION\|-N\]', status => '', baseline => ' VERSION', repair => ' accept\|done\|retry\|forget VERSION');
    like((run($program, $_, '--help'))[1], qr/^usage: $name $_$takes{$_} \[options\]\n/, "$_ --help says what stands behind it") for sort keys %takes;
    is($of{'--allow-destructive'}, ' down redo', 'with the options that it takes');
    is($of{'--reason'}, ' baseline repair job', 'and no others');
    is((run($program, 'nonesuch', '--help'))[0], 2, 'an unknown command has none');
}
unlike($out, qr/^  (?:adopt|report|drift|rehearse)\b/m, 'what is not built is not');
($exit, $out, $err) = run($program, '--version');
like("$exit $out", qr/^0 $name: stele \d+\.\d+\.\d+, migrations by stelec \d+\.\d+\.\d+\n$/, '--version');
for my $case (
    [[], qr/^usage:/], [['nonesuch'], qr/unknown command "nonesuch"\nhint: .*--help/], [['adopt'], qr/unknown command "adopt"/], [['up', '--nonesuch'], qr/unknown option.*"--nonesuch"/],
    [['up', '--db'], qr/a value has to follow "--db"/], [['up', '001', '002'], qr/one argument too many: "002"/], [['check', '001'], qr/one argument too many: "001"/],
    [['up', '-D', 'x'], qr/-D takes NAME=VALUE, not "x"/], [['up', '-D', '=x'], qr/-D takes NAME=VALUE/], [['up', '--lock-wait', 'x'], qr/--lock-wait takes seconds, .*not "x"/],
    [['up', '--lock-wait=-1'], qr/--lock-wait takes seconds/], [['up', '--lock-wait=nan'], qr/--lock-wait takes seconds/], [['up', '--tap'], qr/--tap has no meaning for "up"/], [['check', '--head', 'x'], qr/--head has no meaning/],
    [['up', '--exit-code'], qr/--exit-code has no meaning/], [['audit', '--tap', '--json'], qr/--tap with --json has no meaning/],
    [['up', '-2'], qr/-N has no meaning for "up"/], [['down', '-0'], qr/no number of migrations: "-0"/], [['down', '-1', '--all'], qr/more than one of VERSION, -N and --all/],
    [['down', '1', '-1'], qr/more than one of VERSION/], [['redo', '--from-ledger'], qr/--from-ledger has no meaning for "redo"/], [['plan', '--all'], qr/without --down/],
    [['plan', '--down', '--allow-destructive'], qr/--allow-destructive has no meaning for "plan"/], [['down', '--tap'], qr/--tap has no meaning for "down"/],
    [['down', '1', '2'], qr/one argument too many: "2"/], [['down', '--component'], qr/a value has to follow "--component"/], [['verify', '--tap', '--json'], qr/--tap with --json/],
    [['up', (map { ('-D', "x$_=1") } 1 .. 65)], qr/too many parameters/],
) {
    my ($arguments, $complaint) = @{$case};
    ($exit, $out, $err) = run($program, @{$arguments}, {env => {DATABASE_URL => url($db)}});
    is($exit, 2, "usage: @{$arguments}[0 .. ($#{$arguments} < 3 ? $#{$arguments} : 3)]");
    like($err, $complaint, 'is explained');
    is($out, '', 'on stderr');
}
is(psql($db, q{SELECT to_regnamespace('stele') IS NULL}), 't', 'and nothing was done');

# ------------------------------------------------------- before, during, after

($exit, $out, $err) = stele($program, $db, 'check');
is("$exit|$out|$err", "5|3 migrations are pending\n|", 'check before');
($exit, $out, $err) = stele($program, $db, 'status');
is("$exit|$err", '0|', 'status before');
like($out, qr/^  pending     001_a\.sql\n  pending     002_b\.sql\n  pending     003_c\.sql\n3 migrations: 3 pending\n\z/, 'lists what is pending');
is((stele($program, $db, 'status', '--exit-code'))[0], 5, 'status --exit-code before');
($exit, $out, $err) = stele($program, $db, 'history');
is("$exit|$out|$err", '0||', 'history before');
($exit, $out, $err) = stele($program, $db, 'audit');
is("$exit|$err", '0|', 'audit before');
($exit, $out, $err) = stele($program, $db, 'plan');
is("$exit|$err", '0|', 'plan');
is($out, <<"TEXT", 'names migrations, steps and statements with their lines');
001_a.sql
      1  CREATE TABLE a (x int)
      2  INSERT INTO a VALUES (1), (2)
002_b.sql
  step 1
      1  CREATE TABLE b (t text DEFAULT 'a"\\\xc3\xa9 ')
  step 2, outside a transaction
      2  CREATE INDEX CONCURRENTLY ON b (t)
003_c.sql
3 migrations to apply
TEXT
my @plan = lines((stele($program, $db, 'plan', '--json'))[1]);
is(join(' ', map { $_->{event} . ($_->{line} // '') } @plan), 'migration statement1 statement2 migration statement1 statement2 migration result', 'plan --json');
is($plan[4]{sql}, "CREATE TABLE b (t text DEFAULT 'a\"\\\x{e9}\t')", 'has the statements whole');
ok(!$plan[5]{transaction} && $plan[4]{transaction}, 'and whether they run in a transaction');
is(psql($db, q{SELECT to_regnamespace('stele') IS NULL}), 't', 'none of these wrote anything');

($exit, $out, $err) = stele($program, $db, 'up', '1');
like("$exit|$out", qr/^0\|  001_a\.sql +2 statements +[\d.]+ m?s\napplied 1 migration, 2 still pending; the database is at 001\nhead r1:[0-9a-f]{64}\n\z/, 'up VERSION');
($exit, $out, $err) = stele($program, $db, 'up', '001');
like("$exit|$out", qr/^0\|nothing to do, 2 still pending; the database is at 001\nhead r1:[0-9a-f]{64}\n\z/, 'again');
($exit, $out, $err) = stele($program, $db, 'up', '--json');
is($exit, 0, 'up --json');
my @up = lines($out);
is(join(' ', map { $_->{event} } @up), 'start step step applied start applied result', 'tells its progress');
is_deeply([@{$up[-1]}{qw(status applied pending version)}], [0, 2, 0, '003'], 'and the result');
my $head = $up[-1]{head};
like($head, qr/^r1:[0-9a-f]{64}$/, 'with the head');
($exit, $out, $err) = stele($program, $db, 'up');
is("$exit|$out|$err", "0|up to date: nothing to do; the database is at 003\nhead $head\n|", 'up again');
($exit, $out, $err) = stele($program, $db, 'up', '9');
is($exit, 2, 'a version that does not exist is an error also when nothing is pending');
($exit, $out, $err) = stele($program, $db, 'up', '--quiet');
is("$exit|$out|$err", '0||', 'up --quiet');
($exit, $out, $err) = stele($program, $db, 'check');
is("$exit|$out|$err", "0|up to date: the database is at 003\n|", 'check after');
is_deeply([lines((stele($program, $db, 'check', '--json'))[1])], [{event => 'result', status => 0, pending => 0, ahead => 0, version => '003', head => $head}], 'check --json');
($exit, $out, $err) = stele($program, $db, 'status', '--exit-code');
is($exit, 0, 'status --exit-code after');
is(scalar(() = $out =~ /^  applied     00\d_\w\.sql +\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ +[\d.]+ m?s$/mg), 3, 'status after');
my @status = lines((stele($program, $db, 'status', '--json'))[1]);
is_deeply(pop @status, {event => 'result', status => 0}, 'status --json ends with the result');
is(join(' ', map { "$_->{standing}/$_->{version}" } @status), 'applied/001 applied/002 applied/003', 'status --json');
is($status[0]{source}, $status[0]{applied_source}, 'with both checksums');
($exit, $out, $err) = stele($program, $db, 'plan');
is("$exit|$out", "0|up to date: nothing to do\n", 'plan after');
my @rows = ledger_rows($db);
my @history = lines((stele($program, $db, 'history', '--json'))[1]);
is_deeply(pop @history, {event => 'result', status => 0}, 'history --json, too');
is_deeply([map { join(' ', $_->{seq}, $_->{action}, $_->{version}, $_->{step} // '-', substr($_->{hash}, 3)) } @history],
    [map { join(' ', $_->{seq}, $_->{action}, $_->{version}, $_->{step} // '-', $_->{hash}) } @rows], 'history --json has each row');
is(join(' ', map { $_->{started} } @history), psql($db, q{SELECT string_agg(to_char(started AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US"Z"'), ' ' ORDER BY seq) FROM stele.ledger}),
    'with the time as the server has it');
($exit, $out, $err) = stele($program, $db, 'history');
like($out, qr/^ +1  \d{4}-\S+ \S+Z  apply         001_a\.sql +[\d.]+ m?s  by postgres from \S+\n      r1:[0-9a-f]{64}$/m, 'history for people');

# What the server says meanwhile: warnings for people, all of it for machines.
{
    my $talks = program(migrations({'001_t.sql' => "DO \$\$ BEGIN RAISE NOTICE 'a notice'; RAISE WARNING 'a \"warning\"' USING ERRCODE = '01234'; END \$\$;\n"}));
    ($exit, $out, $err) = stele($talks, fresh_database(), 'up');
    is("$exit|$err", qq(0|001_t.sql: warning: a "warning" [01234]\n), 'a warning is shown, a notice is not');
    my @said = grep { $_->{event} eq 'notice' } lines((stele($talks, fresh_database(), 'up', '--json'))[1]);
    is(join(', ', map { "$_->{severity} $_->{sqlstate} $_->{message} in $_->{file}" } @said), 'NOTICE 00000 a notice in 001_t.sql, WARNING 01234 a "warning" in 001_t.sql',
        'as JSON both are');
    ($exit, $out, $err) = stele($talks, fresh_database(), 'up', '--quiet');
    is("$exit|$out", '0|', 'up --quiet prints nothing when all is well');
}

# --------------------------------------------------------------- audit as TAP

my $tampered = tampered($db, q{UPDATE stele.ledger SET name = 'x#y' WHERE seq = 1});
for my $case (['a sound database', $db, 0], ['one that was tampered with', $tampered, 6]) {
    my ($what, $database, $status) = @{$case};
    ($exit, $out, $err) = stele($program, $database, 'audit', '--tap', '--head', $head);
    is($exit, $status, "audit --tap of $what");
    my $wrapper = temporary();
    write_file($wrapper, "#!/bin/sh\nexec '$program' audit --tap --db '" . url($database) . "'\n");
    chmod(0755, $wrapper);
    my ($proven, $report) = run('prove', '--exec', '', $wrapper);
    is(!!$proven, !!$status, 'prove agrees') or diag($report);
    unlike($report, qr/Parse errors|No plan/, 'and finds it well-formed');
    my @tests = $out =~ /^(?:not )?ok (\d+) - .+$/mg;
    is("@tests", join(' ', 1 .. @tests), 'the tests are numbered');
    like($out, qr/^1\.\.${\ scalar @tests}$/m, 'and planned');
    my @findings = lines((stele($program, $database, 'audit', '--json', '--head', $head))[1]);
    is(scalar(grep { $_->{event} eq 'check' } @findings), scalar @tests, 'as JSON there are as many');
    is(!!(grep { exists $_->{ok} && !$_->{ok} } @findings), !!$status, 'with the same outcome');
}
($exit, $out, $err) = run($program, 'audit', '--tap', '--db', 'host=/nonexistent');
is($exit, 3, 'an audit that could not be made');
like($out, qr/^Bail out!/m, 'bails out');

# ------------------------------------------------------------------- output

SKIP: {
    skip('no /dev/full', 12) unless -e '/dev/full';
    my $empty = fresh_database();
    for my $command ('check', 'up', 'status', 'history', 'plan', 'audit') {
        for my $option ('', '--json') {
            my $where = url($command eq 'plan' ? $empty : $db);
            ($exit) = run('sh', '-c', 'exec "$@" >/dev/full', 'sh', $program, $command, ($option || ()), '--db', $where);
            isnt($exit, 0, "a full disk under $command $option is no success");
        }
    }
}
($exit, $out, $err) = run($program, '--help', {env => {LC_ALL => 'tr_TR.UTF-8'}});
is($exit, 0, 'another locale is no matter');

# ---------------------------------------------------------------- passwords

my $secret = 's3cr%C3%A9t';
my $host = server();
my $encoded = $host =~ s{/}{%2F}gr;
for my $case (
    ['in a URI', ["--db", "postgresql://postgres:$secret\@/$db?host=$encoded"], {}, 1, 0],
    ['in a URI with =', ["--db=postgresql://postgres:$secret\@/$db?host=$encoded"], {}, 1, 0],
    ['in key=value pairs', ['--db', "host=$host user=postgres dbname=$db password=$secret"], {}, 1, 0],
    ["in a URI's query", ['--db', "postgresql:///$db?host=$encoded&user=postgres&password=$secret"], {}, 1, 0],
    ['in DATABASE_URL', [], {DATABASE_URL => "postgresql://postgres:$secret\@/$db?host=$encoded"}, 0, 0],
    ['in PGPASSWORD', ['--db', url($db)], {PGPASSWORD => $secret}, 0, 0],
    ['in a URI to nowhere', ['--db', "postgresql://postgres:$secret\@/$db?host=/nonexistent"], {}, 1, 3],
    ['in a broken URI', ['--db', "postgresql://postgres:$secret\@/$db?host=$encoded&nonesuch=1"], {}, 0, 3],
    ['in a URI with a port that is none', ['--db', "postgresql://postgres:$secret\@localhost:x/$db"], {}, undef, 3],
    ['in a URI with a bad escape', ['--db', "postgresql://postgres:$secret%\@/$db?host=$encoded"], {}, 0, 3],
    ['in broken pairs', ['--db', "host=$host password=$secret nonesuch"], {}, 0, 3],
    ['in an unclosed quote', ['--db', "host=$host password='$secret"], {}, 0, 3],
    ['in a broken DATABASE_URL', [], {DATABASE_URL => "postgresql://postgres:$secret\@/$db?nonesuch=1"}, 0, 3],
    ['in a URI of another kind', ['--db', "mysql://postgres:$secret\@localhost/$db"], {}, 0, 3],
    ['in a misspelt URI', ['--db', "postgres//postgres:$secret\@localhost/$db"], {}, 0, 3],
) {
    my ($where, $arguments, $env, $warned, $status) = @{$case};
    for my $json ([], ['--json']) {
        ($exit, $out, $err) = run($program, 'check', @{$json}, @{$arguments}, {env => {%{$env}, PGCONNECT_TIMEOUT => 5}});
        is($exit, $status, "a password $where: exit $status @{$json}") or diag($out, $err);
        unlike("$out$err", qr/s3cr/, 'it is not printed');
        is(!!($err =~ /warning: a password on the command line can be read by others/), !!$warned, $warned ? 'it is warned of' : 'there is nothing to warn of') if defined $warned;
    }
}

done_testing();
