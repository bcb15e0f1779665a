#!/usr/bin/perl
# parameter "NAME" in a job: the value that the ledger has, or what was given, or the default; also where nothing else was asked of the server before.

use strict;
use warnings;

use Stele::Ledger;
use Stele::Test;
use Test::More;

my $folder = migrations({
    '001_doc.sql' => "CREATE EXTENSION vector;\nCREATE TABLE doc (id bigint PRIMARY KEY, content text, mark text, v vector(8), input bytea);\n",
    'stele.conf' => "parameter model literal run letters\nparameter mark literal run\nparameter size integer build 8\nparameter age integer build 1\n",
    'J_embed.lua' => "return { table = 'doc', key = 'id', read = 'content', embed = fixed { model = parameter 'model', dimensions = parameter 'size' },\n"
        . "    text = function(row) return row.content end, into = { vector = 'v', hash = 'input' } }\n",
    'J_mark.lua' => "parameter 'age'\nlocal mark = parameter 'mark'\nreturn { table = 'doc', key = 'id', read = 'content', map = function(row) return { mark = mark } end }\n",
});
my $program = program($folder);
my ($exit, $out, $err);
sub job { ($exit, $out, $err) = stele($program, @_); return "$exit|$err" }

my $db = fresh_database();
is(job($db, 'job', 'status', 'embed'), '0|', 'before anything is applied, the default is the value');
is(job($db, 'job', 'status', 'mark'), '0|', 'one without a default has none: the job can be looked at');
like($out, qr/^mark: not run yet\n +reason +the script can't be run: \S*J_mark\.lua:2: the parameter "mark" has no value$/m, '... and it is said');
like(job($db, 'job', 'plan', 'mark'), qr/^9\|\S*J_mark\.lua:2:\d+: error: the parameter "mark" has no value$/m, '... and nothing else');
like($err, qr/^hint: give it one: up -D mark=VALUE puts it into the ledger, for all that come; .*-D mark=VALUE/m, '... how to give it one is said');
is(job($db, 'up', '-D', 'mark=it', '-D', 'model=words'), '0|', 'up');
psql($db, "INSERT INTO doc SELECT i, 'text ' || i FROM generate_series(1, 3) AS i");
is(job($db, 'job', 'run', 'mark'), '0|', 'a job runs with what the ledger has');
is(psql($db, 'SELECT string_agg(mark, $$ $$) FROM doc'), 'it it it', 'in each row');
is(job($db, 'job', 'run', 'embed'), '0|', 'and the other one');
is(psql($db, q{SELECT count(*) FROM stele.job WHERE identity LIKE E'%\nmodel: words\n%'}), '1', 'with the model of the ledger');
is(job($db, 'job', 'status', 'embed', '-D', 'model=letters'), '0|', 'with another value than the ledger has, a job can be looked at');
like(job($db, 'job', 'run', 'embed', '-D', 'model=letters'), qr/^9\|.*parameter "model" is "letters" in this program, but the database was made with "words"$/m,
    'and not be run');
is(job($db, 'repair', 'set', 'model=letters', '--reason', 'another one'), '0|', 'the ledger is told another one');
like(job($db, 'job', 'run', 'embed'), qr/^9\|.*\Q: error: the job "embed" was begun with another table, model or destination\E\ndetail: - model: words\n +\+ model: letters$/m,
    'and the job, which is done, is told the difference');

# A job that came behind the last migration has a parameter that no row of the ledger knows: up puts there what it is given, with nothing to apply.
{
    my $late = fresh_database();
    is(job($late, 'up', '-D', 'model=words'), '0|', 'up, without a parameter that only a job needs');
    like(job($late, 'job', 'run', 'mark'), qr/^9\|.*the parameter "mark" has no value\n.*^hint: give it one: up -D mark=VALUE puts it into the ledger/ms, '... which then has none');
    is(job($late, 'job', 'try', 'mark', '-D', 'mark=it'), '0|', 'a job takes it from the command line');
    is(ledger_rows($late), 1, '... which keeps nothing');
    is(job($late, 'up', '-D', 'mark=it'), '0|', 'up, with it, where nothing is pending');
    like($out, qr/^  parameter "mark" is "it" from now on\nnothing to apply; recorded what was given; the database is at 001$/m, '... says that it is kept');
    my @rows = ledger_rows($late);
    is_deeply([map { @{$_}{qw(action name reason parameters)} } $rows[-1]], ['set', 'mark', 'given to up', '{"age":"1","mark":"it","model":"words","size":"8"}'], '... in a row of the ledger');
    is(job($late, 'audit'), '0|', '... which is sound');
    is(job($late, 'up', '-D', 'mark=it'), '0|', 'given again, it is there');
    like($out, qr/^up to date: nothing to do/, '... and nothing is written');
    is(ledger_rows($late), 2, '... not even a row');
    like(job($late, 'up', '-D', 'mark=other'), qr/^9\|.*parameter "mark" is "other" in this program, but the database was made with "it"$/m, 'another value is refused');
    psql($late, "INSERT INTO doc SELECT i, 'text ' || i FROM generate_series(1, 3) AS i");
    is(job($late, 'job', 'run', 'mark'), '0|', 'all that come have it');
    is(psql($late, 'SELECT string_agg(mark, $$ $$) FROM doc'), 'it it it', '... in each row');

    my $offline = fresh_database();
    is(job($offline, 'up', '-D', 'model=words'), '0|', 'another one');
    is(job($offline, 'plan', '--sql', '-D', 'mark=it'), '0|', 'a script for psql of the same');
    write_file(my $file = temporary() . '/up.sql', $out);
    psql($offline, "\\i $file");
    is_deeply([map { @{$_}{qw(action name reason parameters)} } (ledger_rows($offline))[-1]], [map { @{$_}{qw(action name reason parameters)} } $rows[-1]], 'psql leaves the same row');
    is(job($offline, 'audit'), '0|', '... which is sound');
    is(job($offline, 'repair', 'set', 'mark=more', '--reason', 'new'), '0|', 'what is there may be set to something else');
}

# Several values, of several components: each row has what is in force after it. A component without a history gets none.
{
    my %files = ('001_a.sql' => "CREATE TABLE a (x int);\n", '002_b.sql' => "-- stele: component other\nCREATE TABLE b (x int);\n",
        '003_c.sql' => "-- stele: component third\nCREATE TABLE c (x int);\n");
    my $three = migrations({%files,
        'stele.conf' => "parameter one literal run\nparameter two literal run\nparameter three literal run third\nparameter four integer build 4\n"});
    my $several = fresh_database();
    $program = program($three);
    is(job($several, 'up', '002', '-D', 'four=4'), '0|', 'two of three components');
    is(job($several, 'up', '002', '-D', 'one=x', '-D', 'two=2', '-D', 'one=1', '-D', 'four=4'), '0|', 'two values, one of them given twice');
    is_deeply([sort map { "$_->{component} $_->{action} $_->{name} $_->{parameters}" } grep { $_->{action} eq 'set' } ledger_rows($several)],
        [map { my $c = $_; ("$c set one {\"four\":\"4\",\"one\":\"1\",\"three\":\"third\"}", "$c set two {\"four\":\"4\",\"one\":\"1\",\"three\":\"third\",\"two\":\"2\"}") } 'main', 'other'],
        'each has a row for each');
    is(job($several, 'audit'), '0|', '... and all is sound');
}

$program = program($folder);

# The address of a provider is a value like another one; that of a database, or one with a password in it, isn't.
is(job($db, 'repair', 'set', 'mark=https://api.example.com/v1', '--reason', 'moved'), '0|', 'a value may be an address');
for my $secret ('https://me:hush@api.example.com/v1', 'postgresql:///app?password=hush') {
    like(job($db, 'repair', 'set', "mark=$secret", '--reason', 'moved'), qr/^2\|.*an argument is a connection string, which isn't shown$/m, 'one that may have a password is refused');
    unlike("$out$err", qr/hush/, '... and not shown');
}

# A program that was built with another value than the ledger has, as one from before a switch was.
$program = program($folder, '-D', 'age=2');
is(job($db, 'job', 'status', 'mark'), '0|', 'an older program can look at a job, with what else the ledger has');
like(job($db, 'job', 'run', 'mark'), qr/^9\|.*parameter "age" is "2" in this program, but the database was made with "1"$/m, 'and not run it');

done_testing();
