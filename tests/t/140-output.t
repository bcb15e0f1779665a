#!/usr/bin/perl
# What is written: the same bytes anywhere, only additions for a new migration, a make rule, nothing half.
use strict;
use warnings;
use File::Glob qw(:bsd_glob);    # the plain one splits at blanks
use Test::More;
use Stele::Test;

my $work = temporary(1);
sub stelec { return run(built('stelec'), @_, {cwd => $work}) }

# One migration after another, from none: each only adds lines to both outputs.
migrations({'README.md' => "none yet\n"}, "$work/m");
is((stelec('-o', 'm.c', 'm'))[0], 0, 'an empty folder builds');
my @added = (
    '001_a.sql' => "CREATE TABLE a (x int);\n",
    '002_b.sql' => "-- stele: component other\nSELECT 1;\n-- stele: down\nSELECT 2;\n",
    '003_c.sql' => '',
    '004_d.sql' => "-- stele: needs vector >= 0.5\nCREATE INDEX CONCURRENTLY i ON a (x);\nSELECT 1",
);
while (my ($name, $text) = splice @added, 0, 2) {
    my @before = map { read_file("$work/$_") } qw(m.c m.h);
    write_file("$work/m/$name", $text);
    is((stelec('-o', 'm.c', 'm'))[0], 0, "with $name it builds");
    my ($exit, $out) = run('diff', '-U0', '-', 'm.c', {cwd => $work, stdin => $before[0]});
    unlike($out =~ s/\A---.*\n//r, qr/^-/m, "and the source only gained lines");
    ($exit, $out) = run('diff', '-U0', '-', 'm.h', {cwd => $work, stdin => $before[1]});
    unlike($out =~ s/\A---.*\n//r, qr/^-/m, "and the header");
}

# The same from elsewhere, by another path, in another locale.
my @first = map { read_file("$work/$_") } qw(m.c m.h m/stele.lock);
for my $run (["$work/m/"], ['./m'], ['.', "$work/m"]) {
    my ($path, $cwd) = @$run;
    my $there = temporary(1);
    run(built('stelec'), '-o', "$there/m.c", $path, {cwd => $cwd || $work, env => {LC_ALL => 'de_DE.UTF-8', TZ => 'Asia/Tokyo'}});
    is_deeply([map { read_file($_) } "$there/m.c", "$there/m.h", "$work/m/stele.lock"], \@first, "the same bytes from $path");
}

# A make rule that bears a removed file.
write_file("$work/m/stele.conf", "# nothing\n");
write_file("$work/m/005_with blank \$x.sql", "SELECT 1;\n");
write_file("$work/m/$_.sql", "SELECT 1;\n") for '006_a=b|c%d', '007_a\\b', '008_a;b', '009_a:b#c';
is((stelec('-o', 'm.c', '--depfile', 'm.d', 'm'))[0], 0, 'a make rule is written');
write_file("$work/Makefile", "all: m.c\nm.c: ; \@echo stale\n-include m.d\n");
my ($exit, $out, $err) = run('make', '-rs', {cwd => $work, env => {MAKEFLAGS => undef}});
run('touch', 'm.c', {cwd => $work});
is((run('make', '-rs', {cwd => $work}))[1], '', 'after which make finds nothing to do');
run('touch', '-d', '2100-01-01', "m/005_with blank \$x.sql", {cwd => $work});
is((run('make', '-rs', {cwd => $work}))[1], "stale\n", 'but when a file changed');
unlink "$work/m/005_with blank \$x.sql";
($exit, $out, $err) = run('make', '-rs', {cwd => $work});
is("$exit|$out|$err", "0|stale\n|", 'or when one was removed');

# Ctrl-C while it writes: nothing is left of what was begun. Outputs of several MB, so that it is met at all, sooner or later.
my $large = temporary(1);
migrations({map { (sprintf('%03d_a.sql', $_) => "SELECT 1;\n" x 20_000) } 1 .. 25}, "$large/m");
my ($left, $ended) = ('', 0);
for (my $wait = 0.02; $wait < 3; $wait *= 1.25) {
    my $pid = fork;
    exec(built('stelec'), '--incbin', '-o', "$large/m.c", "$large/m") or die $! if $pid == 0;
    select(undef, undef, undef, $wait);
    kill 'INT', $pid;
    waitpid $pid, 0;
    last if $? == 0;
    $ended += ($? & 127) == 2;
    $left ||= join(' ', grep { /[0-9]\z/ } map { glob("$large/$_") } qw(.m.* m/.stele*));
}
ok($ended > 0, 'a signal ends it');
is($left, '', 'and leaves nothing of what it was writing');

# Where it can't write, it says so, and leaves nothing behind.
SKIP: {
    my $one = temporary(1);
    migrations({'001_a.sql' => "SELECT 1;\n"}, "$one/m");
    my ($failed, undef, $why) = run(built('stelec'), '-o', 'nowhere/m.c', 'm', {cwd => $one});
    is($failed, 1, 'a folder that is not there is refused');
    like($why, qr{^nowhere/m.c: error: can't write file: No such file or directory\n}m, 'by name');
    is(join(' ', sort map { glob("$one/$_") } qw(* m/* m/.s*)), "$one/m $one/m/001_a.sql", 'and nothing was written');
    skip('root may write everywhere', 1) if $> == 0;
    run(built('stelec'), '-o', 'm.c', 'm', {cwd => $one});
    chmod 0555, "$one/m";
    is((run(built('stelec'), '-o', 'm.c', 'm', {cwd => $one}))[0], 0, 'a lock that need not change need not be writable');
    chmod 0755, "$one/m";
}

done_testing();
