#!/usr/bin/perl
# --cache: what was read is remembered, and nothing comes out otherwise than without it.
use strict;
use warnings;
use Test::More;
use Stele::Test;

my $procedure = "CREATE PROCEDURE p() LANGUAGE plpgsql AS 'BEGIN COMMIT; END';\n";
my $dir = migrations({
    '001_a.sql' => "-- stele: needs vector >= 0.5\n-- stele: lock-timeout 5s\nCREATE TABLE a (id int, e vector(3), n numeric(10, 2)[]);\n",
    '002_b.sql' => "${procedure}CREATE INDEX CONCURRENTLY i ON a (id);\nCOPY a (id) FROM stdin;\n1\n\\.\n-- stele: down\nDROP INDEX i;\n",
    '003_c.sql' => "CALL p();\n-- stele: expect rows >= 0\nUPDATE a SET id = 2 WHERE id = \${start};\nALTER TABLE a ADD CONSTRAINT k UNIQUE (id);\n",
    '004_d.sql' => "-- stele: one-way \"why\"\nINSERT INTO a VALUES (1);\nINSERT INTO a VALUES (2);\n",
    'R_v.sql' => "CREATE OR REPLACE VIEW v AS SELECT id FROM a;\n",
    'stele.conf' => "parameter start integer build 7\n",
});
# What changed a moment ago isn't remembered, and the time that tells it can't be set: it takes waiting.
sub wait_a_little { sleep 3; return }

utime(1_000_000_000, 1_000_000_000, glob("$dir/*"));
wait_a_little();
my $cache = temporary();

# Without the cache, and with it; what both write must be the same.
sub same {
    my ($name, @options) = @_;
    my ($plain, $cached) = (temporary(), temporary());
    my @first = run(built('stelec'), @options, '-o', "$plain.c", $dir);
    my @second = run(built('stelec'), @options, '--cache', $cache, '-o', "$cached.c", $dir);
    is("@second", "@first", "$name: the same is said");
    for ('c', 'h') {
        my $path = "$plain.$_";
        next if !-e $path;
        (my $expected = read_file($path)) =~ s/\Q$plain\E|[0-9]+\.([ch])\b//g;
        (my $got = read_file("$cached.$_")) =~ s/\Q$cached\E|[0-9]+\.([ch])\b//g;
        ok($got eq $expected, "$name: the same .$_ is written");
    }
    return;
}

sub records { return (() = read_file($cache) =~ m{\Q$dir\E/\w+\.sql\0}g) + 0 }

same('no cache yet', '-w');
is(records(), 5, 'all files are remembered');
my @before = (stat $cache)[1, 9];
same('all is known', '-w');
is("@{[(stat $cache)[1, 9]]}", "@before", 'and the cache left alone');
write_file("$dir/005_e.sql", "CREATE TABLE e (id int);\n");
same('one more', '-w');
is(records(), 5, 'what was written just now is not remembered yet');
utime(1_000_000_000, 1_000_000_000, "$dir/005_e.sql");
same('nor is one whose time was set back', '-w');
is(records(), 5, 'to long ago');
wait_a_little();
same('a little later', '-w');
is(records(), 6, 'but later');
my $inode = (stat "$dir/005_e.sql")[1];
write_file("$dir/005_e.sql", "CREATE TABLE f (id int);\n");
utime(1_000_000_000, 1_000_000_000, "$dir/005_e.sql");
is((stat "$dir/005_e.sql")[1], $inode, 'one edited in its place, to the same length, and its time set back');
unlink("$dir/stele.lock");
same('is seen to be another', '-w');
write_file("$dir/006_x.sql", "SELEC 1;\n");
utime(1_000_000_000, 1_000_000_000, "$dir/006_x.sql");
same('an error', '-w');
same('the same error again', '-w');
unlink("$dir/006_x.sql");
same('a parameter', '-w', '-D', 'start=8');
same('another parameter', '-w', '-D', 'start=9');
write_file("$dir/stele.conf", "parameter start literal build 7\n");
same('another kind');
same('with all that is worth knowing', '--verbose');

my $good = read_file($cache);
for my $damage ('', 'stele-cache 2 ', substr($good, 0, length($good) / 2), $good =~ s/.\z//sr, $good . 'x') {
    write_file($cache, $damage);
    same('a cache of ' . length($damage) . ' bytes', '-w');
}
for my $i (0 .. 60) {
    my $bytes = $good;
    my $at = 90 + int(rand(length($good) - 90));
    substr($bytes, $at, 1) = chr(ord(substr($bytes, $at, 1)) ^ (1 + int(rand(255))));
    write_file($cache, $bytes);
    my ($exit) = run(built('stelec'), '-w', '--cache', $cache, '-o', temporary() . '.c', $dir);
    ok($exit < 2, "a damaged byte at $at: no crash") if $exit >= 2 || $i == 60;
}
is((run(built('stelec'), '-w', '--cache', '/nowhere/x', '-o', temporary() . '.c', $dir))[0], 0, 'one that can not be written is no matter');

done_testing();
