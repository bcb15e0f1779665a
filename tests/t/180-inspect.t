#!/usr/bin/perl
# stelec inspect: finds the sealed table in whatever a linker made, finds out what was changed in it, and audits it.
use strict;
use warnings;
use Digest::SHA;
use Test::More;
use Stele::Test;

my $work = temporary(1);
my ($cc) = map { (split(' ', $_))[0] } $ENV{CC} || 'cc';
sub stelec { return run(built('stelec'), @_, {cwd => $work}) }
sub inspect { return stelec('inspect', @_) }
sub cc { my ($exit, $out, $err) = run(@_, {cwd => $work}); return $exit == 0 ? 1 : (diag("@_\n$err"), 0)[1] }
sub bytes { return read_file("$work/$_[0]") }

# The folder: SQL of two components, a module and two migrations that require it, repeatable ones that come after each other.
my %files = (
    '001_first.sql'  => "CREATE TABLE first (x int); -- \xc3\xa9 ??/ \"quoted\" \\\n",
    '002_second.sql' => "CREATE TABLE second (x int);",
    '003_other.sql'  => "-- stele: component other\nSELECT 3;\n",
    '004_lua.lua'    => "local words = require \"words\"\nfunction up(db)\n    return words\nend\n",
    '005_lua.lua'    => "local words = require \"words\"\nfunction up(db)\n    return words, 5\nend\n",
    '006_empty.sql'  => '',
    'R_a.sql'        => "-- stele: after R_b\nCREATE OR REPLACE VIEW a AS SELECT 1;\n",
    'R_b.sql'        => "CREATE OR REPLACE VIEW b AS SELECT 1;\n",
);
migrations(\%files, "$work/m");
migrations({'words.lua' => "return {'one', 'two'}\n"}, "$work/lua");
is((stelec('-o', 'm.c', '--lua', 'lua', 'm'))[0], 0, 'the folder builds');
write_file("$work/main.c", "#include \"m.h\"\nconst void *volatile used = &migrations;\nint main(void) { return used == 0; }\n");
write_file("$work/plain.c", "int main(void) { return 0; }\n");
my @include = ('-I' . top() . '/runtime');

# --------------------------------------------------------- whatever it is linked into

my $listing = <<'TEXT';
  001  001_first.sql
  002  002_second.sql
  003  003_other.sql
  words
  004  004_lua.lua
  005  005_lua.lua
  006  006_empty.sql
  R  R_b.sql
  R  R_a.sql
TEXT

# What was printed of a good table, without checksums and components.
sub listed {
    my ($out) = @_;
    return join('', map { "  $_\n" } $out =~ /^  s[12]:[0-9a-f]{12}  (?:main |other |module )(.*)$/mg);
}

sub finds {
    my ($file, $name, $times) = @_;
    my ($exit, $out, $err) = inspect($file);
    is("$exit|$err", '0|', "$name: is all right");
    is(listed($out), $listing x ($times || 1), "$name: every text is found");
    return;
}

my @shapes = (
    ['plain',       [],                    []],
    ['-O0 -g',      [qw(-O0 -g)],          []],
    ['-O2 -s',      ['-O2'],               ['-s']],
    ['no PIE',      ['-fno-pie'],          ['-no-pie']],
    ['gc-sections', [qw(-O2 -ffunction-sections -fdata-sections)], ['-Wl,--gc-sections']],
    ['-flto -O2',   [qw(-O2 -flto)],       [qw(-flto -O2)]],
    ['shared',      ['-fPIC'],             ['-shared']],
    ['static',      [],                    ['-static']],
    ['32 bit',      ['-m32'],              ['-m32']],
    ['big endian',  ['--target=powerpc64-linux-gnu'], undef],
);
for my $compiler ($cc, grep { $_ ne $cc && (run('which', $_))[0] == 0 } qw(gcc clang)) {
    for my $shape (@shapes) {
        my ($name, $compile, $link) = @$shape;
        my $object = "$name-$compiler.o" =~ s/[^\w.]+/_/gr;
        if ((run($compiler, @$compile, @include, '-c', '-o', $object, 'm.c', {cwd => $work}))[0] != 0) {
            note("$compiler can't compile for $name here");
            next;
        }
        finds($object, "$compiler, object, $name") if $name ne '-flto -O2';    # which the compiler packs
        next if !defined $link;
        if ((run($compiler, @$compile, @$link, @include, '-o', 'program', 'main.c', $object, {cwd => $work}))[0] != 0) {
            note("$compiler can't link for $name here");
            next;
        }
        finds('program', "$compiler, $name");
        run('strip', 'program', {cwd => $work});
        finds('program', "$compiler, $name, stripped");
    }
}

ok(cc($cc, '-std=c11', @include, '-c', '-o', 'm.o', 'm.c'), 'an object');
ok(cc('ar', 'rc', 'm.a', 'm.o'), 'in an archive');
finds('m.a', 'archive');
is((stelec('-o', 'i.c', '--incbin', '--lua', 'lua', 'm'))[0], 0, 'and the same with --incbin');
ok(cc($cc, @include, '-c', '-o', 'i.o', 'i.c'), 'compiles');
finds('i.o', 'incbin');
finds('i.c.bin', 'the binary file itself');

# -------------------------------------------------------------------- two tables

migrations({'001_x.sql' => "SELECT 'x';\n"}, "$work/n");
is((stelec('-o', 'n.c', '--symbol', 'others', 'n'))[0], 0, 'a second folder');
write_file("$work/both.c", "#include \"m.h\"\n#include \"n.h\"\nconst void *volatile used[] = {&migrations, &others};\nint main(void) { return 0; }\n");
ok(cc($cc, @include, '-o', 'both', qw(both.c m.c n.c)), 'a program of both');
{
    my ($exit, $out, $err) = inspect('both');
    is("$exit|$err", '0|', 'two tables are all right');
    is(join(' ', sort $out =~ /^both: table "(\w+)"/mg), 'migrations others', 'and both are printed');
    ($exit, $out, $err) = inspect('both', '--against', 'n', '--lua', 'lua', '--against', 'm/stele.lock');
    is($exit, 0, 'which a folder and a lock account for') or diag($err);
    ($exit, $out, $err) = inspect('both', '--against', 'm/stele.lock');
    is($exit, 1, 'a lock of one alone does not');
    like($err, qr/^both: error: extra migration "001_x\.sql", which nothing here accounts for$/m, 'and the other is named');
}

# ------------------------------------------------------------------- no table

ok(cc($cc, '-o', 'plain', 'plain.c'), 'a program without a table');
for my $file ('plain', 'm.c', 'm/001_first.sql', built('stelec')) {
    my ($exit, $out, $err) = inspect($file);
    is("$exit|$out", '1|', "$file: exit 1");
    like($err, qr/^\Q$file\E: error: file carries no sealed table\nhint: .*\nstelec: 1 error\n\z/, 'and a reason');
}
for my $case (['nowhere', 'No such file or directory'], ['m', 'Is a directory']) {
    my ($exit, $out, $err) = inspect($case->[0]);
    is($exit, 1, "$case->[1]: exit 1");
    like($err, qr/^$case->[0]: error: can't read file: $case->[1]$/m, 'and a reason');
}
is((inspect())[0], 2, 'no file is named: exit 2');
is((inspect('a', 'b'))[0], 2, 'two are: exit 2');
is((stelec('--json', '-o', 'x.c', 'm'))[0], 2, '--json is not for building');
SKIP: {
    skip('no large sparse files here', 2) if (run('truncate', '-s', '4200M', 'huge', {cwd => $work}))[0] != 0;
    run('sh', '-c', 'cat i.c.bin >>huge', {cwd => $work});
    finds('huge', 'behind four gigabytes of nothing');
    unlink("$work/huge");
}

# ------------------------------------------------------------- what was changed

# Change the program's bytes: the first that match become others. The complaints are returned.
sub patched {
    my ($from, $to) = @_;
    my $bytes = bytes('program');
    $bytes =~ s/\Q$from\E/$to/ or die "\"$from\" is not there";
    write_file("$work/patched", $bytes);
    my ($exit, $out, $err) = inspect('patched');
    is($exit, 1, "\"$from\" changed: exit 1");
    return ($err, $out);
}

ok(cc($cc, @include, '-O2', '-s', '-o', 'program', qw(main.c m.c)), 'a program to patch');
my ($err, $out) = patched('CREATE TABLE second', 'CREATE TABLE Second');
like($err, qr/^patched: error: the text of "002_second\.sql" is not what was sealed\nnote: sealed as s1:[0-9a-f]{64}\nnote: is        s1:[0-9a-f]{64}\nhint: /m,
    'the text that was patched is named, with both sums');
like($out, qr/002_second\.sql  -- not what was sealed$/m, 'and marked in the list');
like($err, qr/^stelec: 1 error$/m, 'and no other');
($err) = patched("{'one'", "{'One'");
like($err, qr/^patched: error: the text of module "words" is not what was sealed$/m, 'a patched module is named');
like($err, qr/^stelec: 1 error$/m, 'once, not with all that require it');
($err) = patched('words, 5', 'words, 6');
like($err, qr/^patched: error: the text of "005_lua\.lua" is not/m, 'a migration that requires one');
($err) = patched('VIEW b AS', 'VIEW c AS');
like($err, qr/the text of "R_b\.sql" is not/, 'a repeatable one');
($err) = patched("SELECT 3;\n\0", "SELECT 3;\n\n");
like($err, qr/the text of "003_other\.sql" doesn't end where/, 'the zero byte behind a text');
($err) = patched(' d1:', ' e1:');
like($err, qr/^patched: error: sealed table at byte \d+: the manifest is not what was sealed$/m, 'a patched manifest');
($err) = patched('002 002_second.sql', '002 002_seconD.sql');
like($err, qr/the manifest is not what was sealed$/m, 'a file name in it');
($err) = patched("\nend\n\0", "\nend \0");
like($err, qr/the manifest is not what was sealed$/m, 'its end');
($err) = patched('sealed-table 1', 'sealed-table 9');
like($err, qr/its format is none that this stelec knows$/m, 'another format');

my $whole = bytes('i.c.bin');
for my $part (0.03, 0.3, 0.9, 0.999) {
    write_file("$work/short", substr($whole, 0, length($whole) * $part));
    my ($exit, undef, $said) = inspect('short');
    is($exit, 1, "$part of a file: exit 1");
    like($said, qr/^short: error: sealed table at byte 0: the (manifest doesn't end|file ends within the text of "\S+")$/m, 'and a reason');
}

# ------------------------------------------------------------------------ audit

# A change to the folder, and what an audit of the program says by it.
sub audit {
    my ($name, $change, $expected, @against) = @_;
    run('rm', '-rf', 'a', {cwd => $work});
    run('cp', '-R', 'm', 'a', {cwd => $work});
    $change->("$work/a");
    my ($exit, $said, $complaint) = inspect('program', '--lua', 'lua', map { ('--against', $_) } @against ? @against : 'a');
    is($exit, $expected ? 1 : 0, "$name: " . ($expected ? 'is found' : 'is accepted')) or diag($complaint);
    like($complaint, $expected, "$name: is told") if $expected;
    return $complaint;
}
sub edit { my ($path, $from, $to) = @_; write_file($path, read_file($path) =~ s/$from/$to/r) }
sub reseal { run(built('stelec'), 'seal', '--lua', "$work/lua", (map { ('--amend', $_) } @_), "$work/a") }

audit('the folder itself', sub { }, undef);
audit('its lock', sub { }, undef, 'a/stele.lock');
audit('a lock that is not there', sub { }, qr{^a/nothing\.lock: error: can't read}m, 'a', 'a/nothing.lock');
audit('a folder without a lock', sub { unlink("$_[0]/stele.lock") }, undef);
audit('one with CRLF', sub { edit("$_[0]/001_first.sql", "\n", "\r\n") }, undef);
audit('a new migration', sub { write_file("$_[0]/007_new.sql", "SELECT 7;\n") }, qr/^program: error: migration "007_new\.sql" of a is missing$/m);
audit('a new repeatable one', sub { write_file("$_[0]/R_new.sql", "SELECT 7;\n") }, qr/migration "R_new\.sql" of a is missing$/m);
audit('a removed one', sub { unlink("$_[0]/006_empty.sql"); reseal('006') }, qr/^program: error: extra migration "006_empty\.sql"/m);
audit('an edited one', sub { edit("$_[0]/002_second.sql", 'x int', 'y int'); reseal('002') },
    qr/^program: error: migration "002_second\.sql" is another one than in a\nnote: the program has s1:\w+\nnote: a has s1:\w+$/m);
audit('a reformatted one', sub { edit("$_[0]/002_second.sql", 'x int', 'x   int'); reseal('002') },
    qr/^program: error: migration "002_second\.sql" is formatted otherwise than in a$/m);
audit('an edited repeatable one', sub { edit("$_[0]/R_b.sql", '1', '2') }, qr/migration "R_b\.sql" is another one than in a$/m);
audit('an edited one that was not resealed', sub { edit("$_[0]/002_second.sql", 'x int', 'y int') }, qr/sealed migration "002_second\.sql" was edited/);
audit('a renamed one', sub { rename("$_[0]/002_second.sql", "$_[0]/002_zwei.sql"); reseal('002') },
    qr/migration "002_second\.sql" is named "002_zwei\.sql" in a$/m);
audit('another lock', sub { edit("$_[0]/002_second.sql", 'x int', 'y int'); reseal('002') },
    qr/migration "002_second\.sql" is another one than in a\/stele\.lock$/m, 'a/stele.lock');
audit('a lock that was edited by hand', sub { edit("$_[0]/stele.lock", '002_second', '002_Second') }, qr/^a\/stele\.lock:.*last line doesn't match/m, 'a/stele.lock');
audit('a lock in another order', sub {
    my ($head, @lines) = split(/^(?=s[12]:)/m, read_file("$_[0]/stele.lock"));
    my ($other) = grep { $lines[$_] =~ / other / } 0 .. $#lines;
    my $moved = join('', $head, splice(@lines, $other, 1), @lines) =~ s/^end .*\n//mr;
    write_file("$_[0]/stele.lock", $moved . 'end ' . (@lines + 1) . ' ' . Digest::SHA::sha256_hex($moved) . "\n");
}, qr/migrations "\S+" and "\S+" are in another order than in a\/stele\.lock$/m, 'a/stele.lock');
audit('a syntax error', sub { edit("$_[0]/R_b.sql", 'CREATE', 'CRATE') }, qr/^a\/R_b\.sql:1:1: error: syntax error/m);
audit('no such folder', sub { }, qr/^nowhere: error: can't read directory/m, 'nowhere');

# ------------------------------------------------------------------ for machines

{
    my ($exit, $json, $said) = inspect('--json', 'program');
    my @lines = split(/\n/, $json);
    is("$exit|$said", '0|', 'as JSON');
    is(scalar(grep { /\A\{"event": "(table|migration|repeatable|module|result)".*\}\z/ } @lines), 11, 'an object a line');
    like($json, qr/^\{"event": "migration", "component": "other", "version": "003", "file": "003_other\.sql", "source": "s1:[0-9a-f]{64}", "tokens": "t1:[0-9a-f]{64}", "state": "d1:[0-9a-f]{64}", "offset": \d+, "length": 36, "ok": true\}$/m,
        'with all that the lock has');
    ($exit, $json) = inspect('--json', 'patched');
    like($json, qr/^\{"event": "error", "path": "patched", "message": ".*", "hint": ".*"\}\n\{"event": "result", "status": 1\}\n\z/m, 'and what is wrong');
}

# ------------------------------------------------- migrations of several files

# Those of other tools' layouts: each file of a migration is a part of its checksum.
for my $case (glob(top() . '/tests/golden/layout_*')) {
    (my $name = $case) =~ s{.*/}{};
    run('cp', '-R', "$case/migrations", "$work/$name");
    my @options = -e "$case/options" ? split(/\n/, read_file("$case/options")) : ();
    is((stelec(@options, '-w', '-o', "$name.c", $name))[0], 0, "$name is compiled");
    cc($cc, '-std=c11', @include, '-c', '-o', "$name.o", "$name.c");
    my ($exit, $out, $err) = inspect("$name.o", '--against', $name);
    is($exit, 0, "$name: found to be what was sealed") or diag($err);
    like($out, qr/each text is what was sealed\nthe same as in /, "$name: text by text");
    my $object = bytes("$name.o");
    next unless $object =~ s/\nfile down (\d+) (\d+)\n.*?\0\K(.*)/$3/s;
    my $from = index($object, 'DROP', $-[3]);
    next if $from < 0;
    substr($object, $from, 4) = 'drop';
    write_file("$work/$name.o", $object);
    ($exit, undef, $err) = inspect("$name.o");
    is($exit, 1, "$name: a patched way back is found out");
    like($err, qr/is not what was sealed/, "$name: and told");
}

# -------------------------------------------------------------- bytes at random

# The table with bytes, lines and lengths changed at random, seeded: it never crashes, and never calls what was changed all right.
{
    srand(5);
    my ($end, @wrong) = (index($whole, "\nend\n") + 6);
    for my $round (1 .. 250) {
        my $bytes = $whole;
        for (0 .. int(rand(3))) {
            my $at = 1 + int(rand($round % 3 ? $end : length($bytes) - 1));
            my $how = int(rand(5));
            substr($bytes, $at, 1) = chr(int(rand(256))) if $how == 0;
            substr($bytes, $at, int(rand(20))) = '' if $how == 1;
            substr($bytes, $at, 0) = substr($bytes, int(rand(length $bytes)), int(rand(300))) if $how == 2;
            substr($bytes, $at, 1) = ("\0", "\n", ' ', "\xff")[rand 4] if $how == 3;
            $bytes =~ s/ (\d+) (?=main)/' ' . (0, 4294967295, 4294967296, int(rand(1e12)))[rand 4] . ' '/e if $how == 4;
        }
        next if $bytes eq $whole;
        write_file("$work/fuzzed", $bytes);
        my ($exit, undef, $said) = inspect($round % 2 ? '--json' : '--verbose', 'fuzzed');
        push(@wrong, "round $round: exit $exit\n$said") if $exit != 1 || $said =~ /runtime error|Sanitizer/;
    }
    is(join('', @wrong), '', 'a table with bytes changed at random is refused, and nothing breaks');
}

done_testing();
