#!/usr/bin/perl
# stelec --incbin: the texts go into a binary file, from wherever the compiler is called, and everything else stays as it is.
use strict;
use warnings;
use Test::More;
use Stele::Test;

my $work = temporary(1);
my @include = ('-I' . top() . '/runtime');
my @flags = qw(-std=c11 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror);
my ($cc) = map { (split(' ', $_))[0] } $ENV{CC} || 'cc';
my @compilers = ($cc, grep { $_ ne $cc && (run('which', $_))[0] == 0 } qw(gcc clang));
sub stelec { return run(built('stelec'), @_, {cwd => $work}) }

migrations({
    '001_a.sql' => "CREATE TABLE a (x int, note text);\nCOPY a FROM stdin;\n1\tone\n2\tc\xc3\xa9\n\\.\nINSERT INTO a VALUES (3, E'\\\\ ??/');\n"
        . "-- stele: down\nDROP TABLE a;\n-- stele: verify\nSELECT count(*) = 4 FROM a;\n",
    '002_b.sql' => '',
    '003_c.lua' => "local words = require \"words\"\nfunction up(db)\n    db:exec(\"INSERT INTO a VALUES (4, '\" .. words .. \"')\")\nend\n",
    'R_v.sql'   => "CREATE OR REPLACE VIEW v AS SELECT count(*) FROM a;\n",
}, "$work/m");
migrations({'words.lua' => "return 'words'\n"}, "$work/lua");
my @build = ('--lua', 'lua', 'm');

# ----------------------------------------------------------------- the outputs

is((stelec('-o', 'l.c', @build))[0], 0, 'with literals');
mkdir("$work/gen") or die;
my ($exit, $out, $err) = stelec('--incbin', '--depfile', 'gen/b.d', '-o', 'gen/b.c', @build);
is("$exit|$out|$err", '0||', 'with a binary file');
unlike(read_file("$work/gen/b.c"), qr/CREATE TABLE a \(x int, note text\);\\n/, 'whose source holds no texts');
like(read_file("$work/gen/b.c.bin"), qr/CREATE TABLE a \(x int, note text\);\nCOPY a FROM stdin;\n1\tone\n2\tc\xc3\xa9\n\\\.\n/, 'which stand in the binary file as they are');
like(read_file("$work/gen/b.d"), qr{\Agen/b\.c gen/b\.h gen/b\.c\.bin: }, 'and the make rule has all three');
is((stelec('--incbin', '--check', '-o', 'gen/b.c', @build))[0], 0, 'nothing is stale');
my $whole = read_file("$work/gen/b.c.bin");
write_file("$work/gen/b.c.bin", $whole =~ s/one/One/r);
($exit, undef, $err) = stelec('--incbin', '--check', '-o', 'gen/b.c', @build);
is($exit, 1, 'a changed binary file is');
like($err, qr{^gen/b\.c\.bin: error: file is stale$}m, 'by name');
is((stelec('--incbin', '-o', 'gen/b.c', @build))[0], 0, 'and written anew');
is(read_file("$work/gen/b.c.bin"), $whole, 'as it was');

# --------------------------------------------------------------- the compilers

mkdir("$work/elsewhere") or die;
for my $compiler (@compilers) {
    for my $from (["$work", 'gen/b.c'], ["$work/gen", 'b.c'], ["$work/elsewhere", '../gen/b.c'], ["$work/elsewhere", "$work/gen/b.c"]) {
        my ($cwd, $source) = @{$from};
        ($exit, $out, $err) = run($compiler, @flags, @include, '-c', '-o', "$work/b.o", $source, {cwd => $cwd});
        is("$exit|$out|$err", '0||', "$compiler finds it from " . ($cwd eq $work ? 'above' : $source));
    }
    my $map = "-fmacro-prefix-map=$work/=";
    ($exit, undef, $err) = run($compiler, @include, $map, '-c', '-o', "$work/b.o", "$work/gen/b.c", {cwd => "$work/elsewhere"});
    isnt($exit, 0, "$compiler: not where __FILE__ is mapped");
    is((run($compiler, @include, $map, '-Wa,-I', "-Wa,$work", '-c', '-o', "$work/b.o", "$work/gen/b.c", {cwd => "$work/elsewhere"}))[0], 0,
        "$compiler: but there with -Wa,-I");
    is((run($compiler, @include, $map, "-DSTELE_SEALED_FILE=\"$work/gen/b.c.bin\"", '-c', '-o', "$work/b.o", "$work/gen/b.c",
        {cwd => "$work/elsewhere"}))[0], 0, "$compiler: or where -D says so");
    for my $change (["longer", "$whole\0"], ['shorter', substr($whole, 0, -1)]) {
        write_file("$work/gen/b.c.bin", $change->[1]);
        isnt((run($compiler, @include, '-c', '-o', 'b.o', 'gen/b.c', {cwd => $work}))[0], 0, "$compiler: a $change->[0] file is an error");
    }
    write_file("$work/gen/b.c.bin", $whole);
}

# ----------------------------------------------------------------- the program

# Both forms do the same to a database, and leave the same ledger.
my %program;
for my $form (['literals', 'l.c'], ['binary', 'gen/b.c']) {
    my ($name, $source) = @{$form};
    my %setting = settings();
    $program{$name} = temporary();
    ($exit, $out, $err) = run('sh', '-c', "$setting{CC} $setting{CFLAGS} $setting{PLACED} $setting{LDFLAGS} \"\$@\" $setting{LIBS}", 'cc',
        @include, '-o', $program{$name}, $source, built('obj/runtime/cli/program.o'), built('libstele.a'), {cwd => $work});
    is($exit, 0, "$name: a program") or BAIL_OUT($err);
}
my %ledger;
for my $name (sort keys %program) {
    my $database = fresh_database();
    is((stele($program{$name}, $database, 'up'))[0], 0, "$name: up");
    ($exit, $out) = stele($program{$name}, $database, 'check');
    is($exit, 0, "$name: check");
    is((stele($program{$name}, $database, 'verify'))[0], 0, "$name: verify");
    is((stele($program{$name}, $database, 'audit'))[0], 0, "$name: audit");
    $ledger{$name} = psql($database, 'SELECT component, version, action, source, tokens, state, down FROM stele.ledger ORDER BY seq')
        . psql($database, 'SELECT * FROM a ORDER BY x');
    my $other = $name eq 'binary' ? 'literals' : 'binary';
    is((stele($program{$other}, $database, 'check'))[0], 0, "$name: and the other finds nothing to do there");
}
is($ledger{binary}, $ledger{literals}, 'the same ledger and rows');
like($ledger{binary}, qr/2\|c\xc3\xa9\n3\|\\ \?\?\/\n4\|words/, 'with the rows that the texts say');

# A table compiled with the file of another run, of the same length, is refused before it does anything.
{
    run('cp', '-R', 'm', 'n', {cwd => $work});
    write_file("$work/n/001_a.sql", read_file("$work/n/001_a.sql") =~ s/one/two/r);
    stelec('seal', '--amend', '001', '--lua', 'lua', 'n');
    stelec('--incbin', '-o', 'n.c', '--lua', 'lua', 'n');
    run('cp', 'n.c.bin', 'gen/b.c.bin', {cwd => $work});
    my %setting = settings();
    ($exit, $out, $err) = run('sh', '-c', "$setting{CC} $setting{CFLAGS} $setting{PLACED} $setting{LDFLAGS} \"\$@\" $setting{LIBS}", 'cc',
        @include, '-o', 'mixed', 'gen/b.c', built('obj/runtime/cli/program.o'), built('libstele.a'), {cwd => $work});
    is($exit, 0, 'a file of the same length of another run can be compiled in') or diag($err);
    ($exit, $out, $err) = run("$work/mixed", 'up', '--db', url(fresh_database()));
    is($exit, 2, 'but does nothing');
    like($err, qr/the migrations were compiled with a \.bin file of another run of stelec/, 'and says why');
}

# ------------------------------------------------------------- make program

my $large = migrations({'001_a.sql' => "CREATE TABLE a (x int);\n" . join('', map { "INSERT INTO a VALUES ($_);\n" } 1 .. 60_000)});
my $made = temporary();
($exit, $out, $err) = run(top() . '/generator/build-program', $large, $made);
is($exit, 0, 'build-program takes a large history') or diag($err);
($exit, $out) = run(built('stelec'), 'inspect', $made);
is($exit, 0, 'which can be inspected');
like($out, qr/^1 migration; each text is what was sealed$/m, 'and is whole');

done_testing();
