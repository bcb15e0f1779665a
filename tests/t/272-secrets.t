#!/usr/bin/perl
# A password is in no output, in whatever form a connection string holds it, right or wrong: not on a terminal, not in
# JSON or TAP, not in the ledger, and not in the server's log.

use strict;
use warnings;

use Stele::Test;
use Test::More;

my $program = program(migrations({'001_a.sql' => "CREATE TABLE a (x int);\n"}));
my $caller = application('caller', migrations({'001_a.sql' => "CREATE TABLE a (x int);\n"}));
my $server = server();

# Each piece of each password has this word in it.
my $secret = qr/secret/i;
my $password = q{oneSecret@two:Secret/three Secret%'four\\Secret"};
my $db = fresh_database();
(my $literal = $password) =~ s/'/''/g;
psql($db, "SET log_min_error_statement = panic; CREATE ROLE keeper LOGIN PASSWORD '$literal'; ALTER DATABASE $db OWNER TO keeper; GRANT ALL ON SCHEMA public TO keeper");
my $hba = read_file("$server/data/pg_hba.conf");
write_file("$server/data/pg_hba.conf", "local all keeper scram-sha-256\n$hba");
psql('postgres', 'SELECT pg_reload_conf()');
my $log = length(read_file("$server/log"));

sub encoded { return join('', map { sprintf('%%%02X', ord) } split(//, $_[0])) }
(my $quoted = $password) =~ s/(['\\])/\\$1/g;
my $host = encoded($server);
my $passfile = temporary();
(my $escaped = $password) =~ s/([:\\])/\\$1/g;
write_file($passfile, "*:*:*:keeper:$escaped\n");
chmod(0600, $passfile);
my $badfile = temporary();
write_file($badfile, "*:*:*:keeper:oneSecret\nSecret broken\n");
chmod(0644, $badfile);
my $services = temporary();
write_file($services, "[good]\nhost=$server\ndbname=$db\nuser=keeper\npassword=$password\n[wrong]\nhost=$server\ndbname=$db\nuser=keeper\npassword=wrongSecret\n"
    . "[odd]\nhost=postgres://u:oneSecret\@h/db\n");
my $broken = temporary();
write_file($broken, "[good]\nhost=$server\nthis is Secret\n");

# What goes behind --db, and then also into DATABASE_URL; with an environment. The exit code of `check` is the fourth, where it isn't 3.
my @forms = (
    ['a URI', 'postgresql://keeper:' . encoded($password) . "\@/$db?host=$host", {}, 5],
    ['a URI with the password behind ?', "postgres:///$db?host=$host&user=keeper&password=" . encoded($password), {}, 5],
    ['pairs', "host=$server dbname=$db user=keeper password='$quoted'", {}, 5],
    ['pairs, spaced', "host = $server\ndbname = $db\n user = keeper password = '$quoted'\n", {}, 5],
    ['PGPASSWORD', "host=$server dbname=$db user=keeper", {PGPASSWORD => $password}, 5],
    ['a password file', "host=$server dbname=$db user=keeper passfile=$passfile", {}, 5],
    ['PGPASSFILE', "host=$server dbname=$db user=keeper", {PGPASSFILE => $passfile}, 5],
    ['a service', 'service=good', {PGSERVICEFILE => $services}, 5],
    ['several hosts', "host=/nowhere,$server port=5432,5432 dbname=$db user=keeper password='$quoted'", {}, 5],
    ['several hosts in a URI', 'postgresql://keeper:' . encoded($password) . "\@%2Fnowhere,$host/$db", {}, 5],
    ['a wrong password', "postgresql://keeper:wrongSecret\@/$db?host=$host", {}],
    ['a wrong password in the environment', "host=$server dbname=$db user=keeper", {PGPASSWORD => 'wrongSecret'}],
    ['a wrong password in a service', 'service=wrong', {PGSERVICEFILE => $services}],
    ['a wrong password in a file', "host=$server dbname=$db user=keeper passfile=$badfile", {}],
    ['no password', "host=$server dbname=$db user=keeper", {PGPASSFILE => '/nowhere'}],
    ['no server', 'postgresql://keeper:oneSecret@127.0.0.1:1/db', {}],
    ['no server, no socket', 'host=/nowhere password=oneSecret', {}],
    ['no database', "host=$server dbname=nowhere user=keeper password='$quoted'", {}],
    ['no service', 'service=nothing password=oneSecret', {PGSERVICEFILE => $services}],
    ['a service in a broken file', 'service=good password=oneSecret', {PGSERVICEFILE => $broken}],
    ['a service with a connection string in it', 'service=odd', {PGSERVICEFILE => $services}],
    ['an @ in a URI', 'postgresql://keeper:one@Secret@127.0.0.1:1/db', {}],
    ['two @ in a URI', 'postgresql://keeper:one@Secret@two@127.0.0.1:1/db', {}],
    ['an @ at the end of it', 'postgresql://keeper:oneSecret@@127.0.0.1:1/db', {}],
    ['a / in a URI', 'postgresql://keeper:one/Secret@127.0.0.1:1/db', {}],
    ['a / and digits before it', 'postgresql://keeper:12/Secret@127.0.0.1:1/db', {}],
    ['a / and an @', 'postgresql://keeper:12/Sec@ret/oneSecret@127.0.0.1:1/db', {}],
    ['a ? in a URI', 'postgresql://keeper:one?Secret@127.0.0.1:1/db', {}],
    ['a ? and a =', 'postgresql://keeper:one?two=Secret@127.0.0.1:1/db', {}],
    ['a # in a URI', 'postgresql://keeper:one#Secret@127.0.0.1:1/db', {}],
    ['a % in a URI', 'postgresql://keeper:one%Secret@127.0.0.1:1/db', {}],
    ['a % at the end', 'postgresql://keeper:oneSecret%@127.0.0.1:1/db', {}],
    ['a zero byte', 'postgresql://keeper:oneSecret%00@127.0.0.1:1/db', {}],
    ['a [ in a URI', 'postgresql://keeper:oneSecret@[127.0.0.1:1/db', {}],
    ['a blank in a URI', 'postgresql://keeper:one Secret@127.0.0.1:1/db', {}],
    ['a line end in a URI', "postgresql://keeper:one\nSecret\@127.0.0.1:1/db", {}],
    ['a comma in a URI', 'postgresql://keeper:one,Secret@127.0.0.1:1,x@y/db', {}],
    ['the : written %3A', 'postgresql://keeper%3AoneSecret@127.0.0.1:1/db', {}],
    ['no user and no @', 'postgresql://keeper:oneSecret', {}],
    ['a port of words', 'postgresql://keeper:oneSecret@127.0.0.1:Secret/db', {}],
    ['a port that is too high', 'postgresql://keeper:oneSecret@127.0.0.1:123456789/db', {}],
    ['a key that nobody knows', 'postgresql://keeper@127.0.0.1:1/db?passwort=oneSecret', {}],
    ['a key without a value', 'postgresql://keeper@127.0.0.1:1/db?oneSecret', {}],
    ['a value with an &', 'postgresql://keeper@127.0.0.1:1/db?password=one&Secret', {}],
    ['two =', 'postgresql://keeper@127.0.0.1:1/db?password=one=Secret', {}],
    ['no scheme', 'keeper:oneSecret@127.0.0.1:1/db', {}],
    ['no scheme, no slash', 'keeper:oneSecret@127.0.0.1', {}],
    ['no scheme, and a =', 'keeper:oneSecret@127.0.0.1:1/db?sslmode=disable', {}],
    ['another scheme', 'mysql://keeper:oneSecret@127.0.0.1:1/db', {}],
    ['an ORM\'s scheme', 'postgresql+psycopg://keeper:oneSecret@127.0.0.1:1/db', {}],
    ['JDBC', 'jdbc:postgresql://127.0.0.1:1/db?user=keeper&password=oneSecret', {}],
    ['capitals', 'Postgresql://keeper:oneSecret@127.0.0.1:1/db', {}],
    ['one slash', 'postgresql:/keeper:oneSecret@127.0.0.1:1/db', {}],
    ['in quotes', '"postgresql://keeper:oneSecret@127.0.0.1:1/db"', {}],
    ['behind a blank', ' postgresql://keeper:oneSecret@127.0.0.1:1/db', {}],
    ['as a pair', 'dbname=postgresql://keeper:oneSecret@127.0.0.1:1/db', {}],
    ['as a host', 'host=postgresql://keeper:oneSecret@127.0.0.1:1/db', {}],
    ['as a variable', 'DATABASE_URL=postgresql://keeper:oneSecret@127.0.0.1:1/db', {}],
    ['pairs without a quote', "host=127.0.0.1 port=1 password='oneSecret", {}],
    ['pairs with a quote too many', "host=127.0.0.1 port=1 password='one'Secret'", {}],
    ['pairs with a blank', 'host=127.0.0.1 port=1 password=one Secret', {}],
    ['pairs with a blank and a =', 'host=127.0.0.1 port=1 password=one Secret=two', {}],
    ['pairs with a backslash at the end', 'host=127.0.0.1 port=1 password=oneSecret\\', {}],
    ['pairs with a comma', 'host=127.0.0.1,port=1,password=oneSecret', {}],
    ['pairs with a comma behind the database', 'host=127.0.0.1 port=1 dbname=db,password=oneSecret', {}],
    ['pairs with a comma behind a setting', 'host=127.0.0.1 port=1 sslmode=disable,password=oneSecret', {}],
    ['pairs with semicolons', 'Server=127.0.0.1;Port=1;User Id=keeper;Password=oneSecret;', {}],
    ['pairs with a port of words', 'host=127.0.0.1 port=Secret password=oneSecret', {}],
    ['a password of a key', 'host=127.0.0.1 port=1 sslmode=require sslkey=/nowhere sslcert=/nowhere sslpassword=oneSecret', {}],
    ['a URI in PGDATABASE', '', {PGHOST => $server, PGUSER => 'postgres', PGDATABASE => 'postgresql://keeper:oneSecret@127.0.0.1:1/db'}],
    ['a URI in PGHOST', '', {PGHOST => 'postgresql://keeper:oneSecret@127.0.0.1:1/db'}],
    ['a URI in PGPORT', '', {PGHOST => '127.0.0.1', PGPORT => 'postgresql://keeper:oneSecret@127.0.0.1:1/db'}],
    ['a URI in PGUSER', '', {PGHOST => $server, PGUSER => 'postgresql://keeper:oneSecret@127.0.0.1:1/db', PGDATABASE => $db}],
);

my %env = map { $_ => undef } qw(PGPASSWORD PGPASSFILE PGSERVICEFILE);
for my $form (@forms) {
    my ($title, $string, $env, $expected) = @{$form};
    my @said;
    for my $arguments (['check'], ['status', '--json'], ['audit', '--tap'], ['plan', '--sql']) {
        my ($exit, $out, $err) = run($program, @{$arguments}, '--db', $string, {env => {%env, %{$env}}});
        push(@said, "$out$err");
        is($exit, defined $expected ? $expected : 3, "$title: exit code") or diag("$out$err") if $arguments->[0] eq 'check';
        ($exit, $out, $err) = run($program, @{$arguments}, "--db=$string", {env => {%env, %{$env}}});
        push(@said, "$out$err");
    }
    my ($exit, $out, $err) = run($program, 'check', {env => {%env, %{$env}, DATABASE_URL => $string}});
    push(@said, "$out$err");
    unlike(join('', @said), $secret, "$title: no password in what is said");
    unlike($said[0], qr/\A\z/, "$title: something is");
}

# A connection string where none belongs.
for my $arguments (['check', 'URL'], ['URL', 'check'], ['up', 'URL'], ['check', '-d', 'URL'], ['check', '-dURL'], ['check', '-db=URL'], ['check', '--dbname=URL'],
    ['check', '--database', 'URL'], ['--url=URL'], ['check', '--schema', 'URL'], ['up', '--lock-wait', 'URL'], ['up', '--lock-wait=URL'], ['down', 'URL'],
    ['down', '--component', 'URL'], ['audit', '--head', 'URL'], ['grant', '--read', 'URL'], ['verify', 'URL'], ['repair', 'done', 'URL'],
    ['check', '-D', 'URL'], ['check', '-DURL']) {
    my ($exit, $out, $err) = run($program, map { s/URL/postgresql:\/\/keeper:oneSecret\@127.0.0.1:1\/db/r } @{$arguments});
    is($exit, 2, "@{$arguments}: usage") or diag("$out$err");
    unlike("$out$err", $secret, '... and no password');
}

# What is written down.
my ($exit, $out, $err) = run($program, 'up', '--json', {env => {%env, DATABASE_URL => $forms[0][1]}});
is($exit, 0, 'up with a password') or diag($err);
unlike("$out$err", $secret, '... that it does not tell');
for my $words (['history', '--json'], ['status'], ['audit'], ['plan', '--down', '--sql']) {
    ($exit, $out, $err) = run($program, @{$words}, {env => {%env, DATABASE_URL => $forms[0][1]}});
    unlike("$out$err", $secret, "nor does @{$words}");
}
unlike(psql($db, 'SELECT l::text FROM stele.ledger l UNION ALL SELECT a::text FROM stele.anchor a'), $secret, 'nor the ledger');
unlike(substr(read_file("$server/log"), $log), $secret, 'nor the log of the server');

# A connection that the application made: its errors are the server's.
($exit, $out, $err) = run($caller, $forms[2][1], 'up', 'check', 'sql:SELECT pg_terminate_backend(pg_backend_pid())', 'check', 'up');
unlike("$out$err", $secret, 'nor a connection of the caller\'s') or diag($out);

# A password on the command line is warned of, wherever it stands.
for my $string ($forms[0][1], $forms[1][1], $forms[2][1], 'host=/nowhere sslpassword=oneSecret') {
    ($exit, $out, $err) = run($program, 'check', '--db', $string, {env => \%env});
    like($err, qr/warning: a password on the command line can be read by others/, 'a password on the command line is warned of');
}
($exit, $out, $err) = run($program, 'check', '--db', "host=$server dbname=$db user=postgres", {env => \%env});
is("$exit$err", '0', 'without one there is no warning') or diag($out);

# Somebody else's query is shown to whom it blocks, but no password in it.
{
    my $first = program(migrations({'001_a.sql' => "CREATE TABLE t (x int);\n"}));
    my $more = program(migrations({'001_a.sql' => "CREATE TABLE t (x int);\n", '002_b.sql' => "ALTER TABLE t ADD y int;\n"}));
    my $db = fresh_database();
    stele($first, $db, 'up');
    my $other = start(postgres('psql'), '-Xq', '-d', url($db), '-c', "BEGIN; LOCK t;\nCREATE ROLE secretive PASSWORD 'hunter2'; SELECT pg_sleep(600)");
    ok(wait_for($db, q{SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()}), 'somebody holds the table');
    for my $format ([], ['--json']) {
        my ($exit, $out, $err) = stele($more, $db, 'up', '--lock-timeout', '1', '--lock-retry', '0', @{$format});
        is($exit, 4, "who is blocked exits 4 @{$format}");
        like("$out$err", qr/blocked by process \d+.*CREATE ROLE/s, 'and says by what') unless @{$format};
        unlike("$out$err", qr/hunter2/, 'without its password');
    }
    psql($db, q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()});
    finish($other);
}

done_testing();
