#!/usr/bin/perl
# parameter "NAME" in a job: the value that the ledger has, or what was given, or the default; also where nothing else was asked of the server before.

use strict;
use warnings;

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
like($err, qr/^hint: give it one: -D mark=VALUE, with each command; .*repair set mark=VALUE --component main --reason TEXT/m, '... how to give it one is said');
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

# A job that came behind the last migration has a parameter that no row of the ledger knows.
{
    my $late = fresh_database();
    is(job($late, 'up', '-D', 'model=words'), '0|', 'up, without a parameter that only a job needs');
    is(job($late, 'up', '-D', 'mark=it'), '0|', '... and with it, when there is nothing to apply');
    like(job($late, 'job', 'run', 'mark'), qr/^9\|.*the parameter "mark" has no value$/m, '... that keeps nothing');
    is(job($late, 'job', 'try', 'mark', '-D', 'mark=it'), '0|', '... a job takes it from the command line');
    like(job($late, 'repair', 'set', 'mark=it', '--reason', 'new'), qr/^2\|.*add --component main$/ms, '... nothing has to be repaired');
    is(job($late, 'repair', 'set', 'mark=it', '--component', 'main', '--reason', 'new'), '0|', '... but it may be kept');
    is(job($late, 'job', 'run', 'mark'), '0|', '... for all that come');
}

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
