#!/usr/bin/perl
# The way back and verify through the library's functions, on a connection of the application's own: what they tell it,
# and that it gets its session back as it was.

use strict;
use warnings;

use Stele::Test;
use Test::More;

my $dir = migrations({
    '001_a.sql' => "CREATE TABLE a (x int);\n-- stele: down\nDROP TABLE public.a;\n-- stele: verify\nSELECT count(*) = 0 FROM public.a;\n",
    '002_b.sql' => "CREATE TABLE public.b (x int);\n-- stele: down\nSET search_path = '';\nSET ROLE lesser;\nRESET ROLE;\nSET statement_timeout = '58s';\nCREATE TEMP TABLE left_behind (x int);\nDROP TABLE public.b;\n"
        . "-- stele: verify\nSET search_path = '';\nCREATE TEMP TABLE of_check (x int);\nSELECT true;\n",
    '003_c.sql' => "CREATE INDEX CONCURRENTLY a_x ON public.a (x);\n-- stele: down\nSET statement_timeout = '57s';\nSET ROLE lesser;\nSELECT 1;\nRESET ROLE;\nDROP INDEX CONCURRENTLY public.a_x;\nSET ROLE lesser;\n",
});
my $caller = application('caller', $dir);
my $db = fresh_database();
psql($db, 'CREATE ROLE lesser; CREATE ROLE owner SUPERUSER');
my $settings = q{SELECT string_agg(name || '=' || setting, '|' ORDER BY name) FROM pg_settings WHERE name NOT LIKE 'transaction%' AND context IN ('user', 'superuser') AND name NOT LIKE '%.%'};
my @mine = ("sql:SET search_path = public, pg_catalog", "sql:SET client_encoding = 'LATIN1'", "sql:SET statement_timeout = '59s'", 'sql:SET ROLE owner',
    'sql:PREPARE kept AS SELECT 43');

sub called {
    my (@steps) = @_;
    my ($exit, $out, $err) = run($caller, url($db), @mine, "sql:$settings", @steps, "sql:$settings", 'sql:EXECUTE kept',
        'sql:SELECT count(*) FROM pg_class WHERE relnamespace = pg_my_temp_schema()');
    is("$exit$err", '0', "the application: @steps");
    my @before_and_after = $out =~ /^sql (\S+=.*)$/mg;
    is($before_and_after[1], $before_and_after[0], 'its settings are as they were');
    like($out, qr/^sql 43\nsql 0\ntransaction 0 pipeline 0 nonblocking 0 encoding LATIN1$/m, 'and the rest of its session');
    return $out =~ s/^sql .*\n|^transaction .*\n//mgr;
}

like(called('up'), qr/^status 0 applied 3/m, 'up');
is(called('verify'), <<'TEXT', 'verify hands over each check');
verdict 1 001_a.sql:5 SELECT count(*) = 0 FROM public.a
verdict 1 002_b.sql:12 SELECT true
status 0 applied 0 pending 0 version "" head 
TEXT
is(called('plan-down:1'), <<'TEXT', 'a plan of the way back');
reversal 003 from 0 destroys 0
reversal 002 from 0 destroys 0
status 0 applied 0 pending 0 version "" head 
TEXT
is(called('down-stopped') =~ s/head r1.*/head/r, <<'TEXT', 'the application stops it');
reversal 003 from 0 destroys 0
status 0 applied 0 pending 0 version "" head 
TEXT
is(called('down:1') =~ s/head r1.*/head/r, <<'TEXT', 'down tells what it will do, and its progress');
reversal 003 from 0 destroys 0
reversal 002 from 0 destroys 0
event start 003 1/2 revert
event step 003 1/2 step 1/3 revert
event step 003 1/2 step 2/3 revert
event step 003 1/2 step 3/3 revert
event reverted 003 1/2 revert
event start 002 2/2 revert
event reverted 002 2/2 revert
status 0 applied 0 pending 2 version "001" head
reverted 2
TEXT
like(called('up', 'check'), qr/^status 0 applied 2 (?s:.*)^status 0 /m, 'up again');
is(called('redo') =~ s/head r1.*/head/r, <<'TEXT', 'redo');
reversal 003 from 0 destroys 0
event start 003 1/2 revert
event step 003 1/2 step 1/3 revert
event step 003 1/2 step 2/3 revert
event step 003 1/2 step 3/3 revert
event reverted 003 1/2 revert
event start 003 2/2
event step 003 2/2 step 1/1
event applied 003 2/2
status 0 applied 1 pending 0 version "003" head
reverted 1
TEXT
like(called('down-plain', 'down-plain', 'down-plain', 'down-plain', 'audit'), qr/^reverted 1\n(?s:.*)^status 0 applied 0 pending 3 version "" head r1:\w+\nreverted 1\nstatus 0 applied 0 pending 3 version "" head \nstatus 0 /m, 'one by one, to the end');

# A failure gives the connection back just as well.
$dir = migrations({'001_a.sql' => "CREATE TABLE a (x int);\n-- stele: down\nSET search_path = '';\nSET statement_timeout = '58s';\nSELECT 1/0;\n-- stele: verify\nSET search_path = '';\nSELECT 1/0;\n"});
$caller = application('caller', $dir);
$db = fresh_database();
like(called('up'), qr/^status 0 /m, 'up');
like(called('down'), qr{^error 1 \[22012\] \d+/001_a\.sql:5:1 division by zero \| SELECT 1/0;$}m, 'a down that fails');
like(called('verify'), qr/^verdict 0 001_a\.sql:8 SELECT 1\/0\n(?s:.*)^error 1 \[\] :0:0 1 check failed/m, 'a check that fails');

done_testing();
