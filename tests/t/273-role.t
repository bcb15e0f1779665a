#!/usr/bin/perl
# --role: everything that stele does is done as that role; a migration that changes it doesn't change it for what follows; a
# caller's connection gets its own back; where the role can't hold, that is said before anything is set.

use strict;
use warnings;

use Stele::Ledger;
use Stele::Test;
use Test::More;

my ($exit, $out, $err, $db);
psql('postgres', <<'SQL');
CREATE ROLE login LOGIN;
CREATE ROLE "the ""owner""";
CREATE ROLE other;
CREATE ROLE stranger;
GRANT "the ""owner""" TO login;
GRANT other TO "the ""owner""", login;
SQL
my $role = 'the "owner"';

sub database {
    my $name = fresh_database();
    psql($name, qq{GRANT CREATE ON DATABASE $name TO "the ""owner"""; GRANT ALL ON SCHEMA public TO "the ""owner""", other});
    return $name;
}

sub as_login {
    my ($program, @arguments) = @_;
    my @option = ref $arguments[-1] ? pop @arguments : ();
    return run($program, @arguments, '--role', $role, '--db', url($db, 'login'), @option);
}

# Who owns what was made: relations by owner.
sub owners {
    my ($where) = @_;
    return psql($db, qq{SELECT string_agg(c.relname || ' ' || pg_get_userbyid(c.relowner), ', ' ORDER BY c.relname)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = '$where' AND c.relkind = 'r'});
}

my %files = (
    '001_a.sql' => "CREATE TABLE a (x int);\n-- stele: down\nDROP TABLE a;\n-- stele: verify\nSELECT current_user = 'the \"owner\"';\n",
    '002_b.sql' => "SET ROLE other;\nCREATE TABLE b_other (x int);\nRESET ROLE;\n-- stele: down\nSET ROLE other;\nDROP TABLE b_other;\n",
    '003_c.sql' => "CREATE TABLE c (x int);\nCREATE INDEX CONCURRENTLY c_x ON c (x);\nSET ROLE other;\nCREATE TABLE c_other (x int);\n"
        . "CREATE INDEX CONCURRENTLY c_other_x ON c_other (x);\nCREATE TABLE c_other2 (x int);\n-- stele: down\nDROP TABLE c;\nSET ROLE other;\nDROP TABLE c_other, c_other2;\n",
    '004_d.sql' => "RESET ALL;\nDO \$\$ BEGIN EXECUTE 'SET SESSION ' || 'ROLE NONE'; END \$\$;\n-- stele: down\nSELECT 1;\n",
    '005_e.sql' => "CREATE TABLE e (x int);\nCOPY e FROM stdin;\n1\n\\.\n-- stele: down\nDROP TABLE e;\n",
);
my $program = program(migrations({%files}));
my $owners = 'a the "owner", b_other other, c the "owner", c_other other, c_other2 other, e the "owner"';

$db = database();
($exit, $out, $err) = as_login($program, 'up', '--verify');
is($exit, 0, 'up') or diag($err);
is(owners('public'), $owners, 'what is made belongs to the role, or to the one that the migration has set');
is(owners('stele'), 'anchor the "owner", ledger the "owner"', 'and so does the ledger');
is(psql($db, 'SELECT string_agg(DISTINCT role, $$,$$) FROM stele.ledger'), 'login', 'whose rows name the login');
for my $command (['check'], ['status'], ['up'], ['plan'], ['audit'], ['history'], ['verify']) {
    ($exit, $out, $err) = as_login($program, @{$command});
    is($exit, 0, "@{$command}") or diag("$out$err");
}
is((run($program, 'check', '--db', url($db, 'login')))[0], 0, 'login inherits what the role may');
psql($db, 'ALTER ROLE login NOINHERIT');
psql('postgres', 'REVOKE "the ""owner""" FROM login; GRANT "the ""owner""" TO login' . (psql('postgres', 'SHOW server_version_num') >= 160000 ? ' WITH INHERIT FALSE' : ''));
is((run($program, 'check', '--db', url($db, 'login')))[0], 9, 'without inheritance login may not read the ledger');
is((as_login($program, 'check'))[0], 0, 'but with --role');
($exit, $out, $err) = as_login($program, 'redo', '-2', '--allow-destructive');
is($exit, 0, 'redo') or diag($err);
($exit, $out, $err) = as_login($program, 'repair', 'guards', '--reason', 'test');
is($exit, 2, 'repair reads as that role') or diag("$out$err");
($exit, $out, $err) = as_login($program, 'grant', '--read', 'other');
is($exit, 0, 'grant') or diag($err);
($exit, $out, $err) = as_login($program, 'down', '--all', '--allow-destructive');
is($exit, 0, 'down') or diag($err);
is(owners('public'), '', 'takes everything back');
($exit, $out, $err) = as_login($program, 'baseline', '003', '--reason', 'there');
is($exit, 0, 'baseline') or diag($err);
is((as_login($program, 'audit'))[0], 0, 'and all is well');

# A script for psql does the same.
for my $words (['plan', '--sql'], ['plan', '--sql', ':']) {
    $db = database();
    ($exit, $out, $err) = as_login($program, @{$words});
    is($exit, 0, "@{$words}") or diag($err);
    my ($ran, $said, $complaint) = run(postgres('psql'), '-Xq', '-d', url($db, 'login'), '-f', '-', {stdin => $out});
    is($ran, 0, 'psql runs it') or diag($complaint);
    is(owners('public'), $owners, '... as that role');
    is(owners('stele'), 'anchor the "owner", ledger the "owner"', '... the ledger as well');
    is((as_login($program, 'audit'))[0], 0, '... and it is right');
}

# A failure, and what comes after it.
$db = database();
my $failing = program(migrations({%files, '003_c.sql' => "CREATE TABLE c (x int);\nCREATE INDEX CONCURRENTLY c_x ON c (x);\nSET ROLE other;\nSELECT nothing;\n"}));
($exit, $out, $err) = as_login($failing, 'up');
is($exit, 1, 'a failure between') or diag($err);
my $fixed = program(migrations({%files}));
is(owners('public'), 'a the "owner", b_other other, c the "owner"', 'leaves what is in to the role');

# A step outside a transaction whose process was killed: the server is still at it, which only the login can see.
my $concurrent = program(migrations({'001_a.sql' => "CREATE TABLE big (x int);\n", '002_i.sql' => "CREATE INDEX CONCURRENTLY big_x ON big (x);\n"}));
$db = database();
is((as_login($concurrent, 'up', '001'))[0], 0, 'a table to build an index on');
my $holder = start(postgres('psql'), '-Xq', '-d', url($db, 'login'), '-c', qq{SET ROLE "the ""owner"""; BEGIN; LOCK TABLE big IN ROW EXCLUSIVE MODE; SELECT pg_sleep(600)});
ok(wait_for($db, q{SELECT EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)' AND state = 'active' AND pid <> pg_backend_pid())}), 'somebody holds it');
my $builder = start($concurrent, 'up', '--role', $role, '--db', url($db, 'login'));
ok(wait_for($db, q{SELECT EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE '%CREATE INDEX CONC%' AND state = 'active' AND wait_event_type = 'Lock' AND pid <> pg_backend_pid())}),
    'the build waits for him');
kill('KILL', $builder->{pid});
finish($builder);
psql($db, 'CREATE ROLE nosy LOGIN; GRANT "the ""owner""" TO nosy');
for my $login ('login', 'nosy') {
    ($exit, $out, $err) = run($concurrent, 'up', '--lock-wait', '0', '--role', $role, '--db', url($db, $login));
    is($exit, 4, "up of another process, as $login, doesn't begin") or diag("$out$err");
    like($err, qr/process \d+, application "stele"/, '... and says who is at it');
}
psql($db, q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)'});
finish($holder);
($exit, $out, $err) = as_login($concurrent, 'up');
is($exit, 0, 'it goes on when that is done') or diag("$out$err");
is(psql($db, q{SELECT indisvalid FROM pg_index WHERE indexrelid = 'big_x'::regclass}), 't', 'with the index');

# ------------------------------------------------------------------- refusals

$db = database();
for my $case (['nobody', qr/role "nobody" does not exist/, 'make it, with this login as a member: CREATE ROLE "nobody" ROLE "login"'],
    ['stranger', qr/permission denied to set role "stranger"/, '--role takes a role that this login is a member of: GRANT "stranger" TO "login"'],
    ['', qr/role "" does not exist/, 'make it, with this login as a member: CREATE ROLE'],
    ['postgres', qr/permission denied to set role "postgres"/, '"postgres" is a superuser: connect as that one, with --db, or take a role']) {
    my ($name, $message, $hint) = @{$case};
    for my $command ('up', 'check') {
        ($exit, $out, $err) = run($program, $command, '--role', $name, '--db', url($db, 'login'));
        is($exit, 9, "$command --role \"$name\"") or diag($err);
        like($err, $message, '... says why');
        like($err, qr/^hint: \Q$hint\E/m, '... and what to do');
        unlike($err, qr/GRANT "?postgres/, '... which is not to make the login a superuser');
    }
}

# --------------------------------------------------------- a caller's connection

my $caller = application('caller', migrations({%files}));
for my $before ('none', 'other') {
    $db = database();
    ($exit, $out, $err) = run($caller, url($db, 'login'), $before eq 'none' ? () : 'sql:SET ROLE other', "role:$role", 'up', 'sql:SELECT current_setting($$role$$)',
        'check', 'sql:SELECT current_setting($$role$$)', 'down', 'sql:SELECT current_setting($$role$$)');
    is(() = $out =~ /^sql \Q$before\E$/mg, 3, "a caller's connection comes back with role $before") or diag("$out$err");
    is(owners('public'), $owners =~ s/, e the "owner"//r, '... and all was done as the other') or diag("$out$err");
    $db = database();
    my $bad = application('caller', migrations({'001_a.sql' => "CREATE TABLE a (x int);\nCREATE INDEX CONCURRENTLY ON a (x);\nSET ROLE other;\nSELECT nothing;\n"}));
    ($exit, $out, $err) = run($bad, url($db, 'login'), $before eq 'none' ? () : 'sql:SET ROLE other', "role:$role", 'up', 'sql:SELECT current_setting($$role$$)',
        'role:stranger', 'up', 'sql:SELECT current_setting($$role$$)');
    is(() = $out =~ /^sql \Q$before\E$/mg, 2, '... also after a failure') or diag("$out$err");
}

done_testing();
