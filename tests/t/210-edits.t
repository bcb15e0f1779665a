#!/usr/bin/perl
# What was applied can't be edited unnoticed: the build refuses it by name, and a program
# that was built all the same is refused by the database.

use strict;
use warnings;

use File::Path qw(make_path);
use Stele::Ledger;
use Stele::Test;
use Test::More;

my $two = <<'SQL';
-- Why it is so.
-- stele: lock-timeout 5s
CREATE TABLE two (
    x int -- a number
    , y text DEFAULT 'a  b'
);

-- stele: down
DROP TABLE two;

-- stele: verify
SELECT count(*) >= 0 FROM two;
SQL
my %files = (
    '001_one.sql' => "CREATE TABLE one (x int);\n",
    '002_two.sql' => $two,
    '003_three.sql' => "CREATE TABLE three (x int);\n",
    '004_four.sql' => "CREATE TABLE four (x int);\n",
);
my %later = ('005_five.sql' => "CREATE TABLE five (x int);\n");
my $applied = migrations({%files});
my $lock;
my $database = fresh_database();
my ($exit, $out, $err) = stele(program($applied), $database, 'up');
is($exit, 0, 'four migrations are applied') or BAIL_OUT($err);
$lock = read_file("$applied/stele.lock");
my %source = map { $_->{file} => $_->{source} } ledger_rows($database);

# The text of 002 with one thing replaced; dies when there was nothing to replace.
sub edited {
    my ($from, $to) = @_;
    my $text = $two;
    $text =~ s/\Q$from\E/$to/ or die "no \"$from\" in 002\n";
    return $text;
}

# name, the changes, the file that the messages name, exit, the runtime's complaint, the build's.
my @cases = (
    ['a byte of a comment', {'002_two.sql' => edited('Why it', 'Who it')}, '002_two.sql', 6, qr/was reformatted after it was applied/],
    ['a byte of a statement', {'002_two.sql' => edited('x int', 'z int')}, '002_two.sql', 6, qr/was edited after it was applied/],
    ['a blank between tokens', {'002_two.sql' => edited('x int', 'x  int')}, '002_two.sql', 6, qr/was reformatted after/],
    ['a blank within a string', {'002_two.sql' => edited('a  b', 'a b')}, '002_two.sql', 6, qr/was edited after/],
    ['a comment joined to the line below', {'002_two.sql' => edited("number\n   ", 'number')}, '002_two.sql', 6, qr/was edited after/],
    ['a byte of the down section', {'002_two.sql' => edited('DROP TABLE two', 'DROP TABLE one')}, '002_two.sql', 6, qr/was edited after/],
    ['a byte of the verify section', {'002_two.sql' => edited('>= 0', '>= 1')}, '002_two.sql', 6, qr/was edited after/],
    ['a directive', {'002_two.sql' => edited('lock-timeout 5s', 'lock-timeout 6s')}, '002_two.sql', 6, qr/was edited after/],
    ['the final line end', {'002_two.sql' => edited("FROM two;\n", 'FROM two;')}, '002_two.sql', 6, qr/was reformatted after/],
    ['a removed file', {'002_two.sql' => undef}, '002_two.sql', 6, qr/was applied, but is missing from this program/],
    ['a renamed file', {'002_two.sql' => undef, '002_zwei.sql' => $two}, '002_zwei.sql', 6, qr/was renamed after it was applied as "002_two.sql"/],
    ['two files swapped', {'002_two.sql' => $files{'003_three.sql'}, '003_three.sql' => $two}, '002_two.sql', 6, qr/was edited after/],
    ['a file with another version', {'002_two.sql' => undef, '0025_two.sql' => $two}, '002_two.sql', 6, qr/"002_two.sql" was applied, but is missing/],
);
for my $case (@cases) {
    my ($name, $changes, $file, $expected, $complaint) = @{$case};
    my $dir = migrations({%files, %later, 'stele.lock' => $lock});
    migrations($changes, $dir);
    my $program = temporary();
    ($exit, $out, $err) = build($dir, $program);
    ok($exit && ! -e $program, "$name: the build refuses it");
    my $built = join('|', map { quotemeta } $file, grep { !defined $changes->{$_} } sort keys %{$changes});
    like($err, qr/(?:$built)/, "$name: and names the file");
    is(read_file("$dir/stele.lock"), $lock, "$name: the lock is as it was");

    unlink("$dir/stele.lock");
    my $forced = program($dir);
    ($exit, $out, $err) = stele($forced, $database, 'up');
    is($exit, $expected, "$name: a program with it is refused");
    like($err, $complaint, "$name: with the reason");
    like($err, qr/\Q$file\E/, "$name: that names the file");
    like($err, qr/in the database: \Q$source{'002_two.sql'}\E/, "$name: the checksum in the database");
    my $here = defined $changes->{$file} ? source_checksum($changes->{$file}) : undef;
    like($err, qr/in this program: \Q$here\E/, "$name: and the program's") if $here;
    is(psql($database, q{SELECT to_regclass('five') IS NULL, count(*) FROM stele.ledger}), 't|4', "$name: nothing was applied");
    for my $command ('check', 'plan', 'audit') {
        ($exit, $out, $err) = stele($forced, $database, $command);
        is($exit, $expected, "$name: $command says so too");
        like("$out$err", qr/\Q$file\E/, "$name: $command names the file");
    }
    ($exit, $out, $err) = stele($forced, $database, 'status', '--exit-code');
    is($exit, $expected, "$name: so does status --exit-code") or diag($out);
    ($exit, $out, $err) = stele($forced, $database, 'status');
    is($exit, 0, "$name: status itself only tells");
}

# The last one gone: this program is simply older than the database.
{
    my $dir = migrations({%files, 'stele.lock' => $lock});
    migrations({'004_four.sql' => undef}, $dir);
    ($exit, $out, $err) = build($dir, temporary());
    ok($exit, 'the last file removed: the build refuses it');
    like($err, qr/004_four\.sql/, 'and names it');
    unlink("$dir/stele.lock");
    my $older = program($dir);
    for my $command ('up --exact', 'check --exact', 'plan --exact', 'audit --exact', 'status --exit-code --exact') {
        ($exit, $out, $err) = stele($older, $database, split(/ /, $command));
        is($exit, 7, "the last file removed: $command says that the database is ahead");
        like("$out$err", qr/004_four\.sql/, "$command names it");
    }
}

# Several at once: one is told, the others are counted.
{
    my $dir = migrations({%files, %later, '001_one.sql' => "CREATE TABLE eins (x int);\n"});
    migrations({'003_three.sql' => undef}, $dir);
    ($exit, $out, $err) = stele(program($dir), $database, 'up');
    is($exit, 6, 'two disagreements');
    like($err, qr/"001_one\.sql" was edited.*\(1 other migration disagrees too: run audit\)/s, 'the first is told, the other counted');
}

# The deliberate way out takes the edit into the build, and not past a database that has the old text.
{
    my $dir = migrations({%files, %later, 'stele.lock' => $lock, '002_two.sql' => edited('x int', 'z int')});
    ($exit, $out, $err) = run(built('stelec'), 'seal', '--amend', '002', $dir);
    is($exit, 0, 'seal --amend') or diag($out, $err);
    ($exit, $out, $err) = stele(program($dir), $database, 'up');
    is($exit, 6, 'an amended migration is refused where the old text was applied');
    like($err, qr/"002_two\.sql" was edited/, 'by name');
    ($exit, $out, $err) = stele(program($dir), fresh_database(), 'up');
    is($exit, 0, 'and applied where nothing was');
}

# A lock edited by hand.
my $other = source_checksum('x');
for my $case (
    ['a checksum', sub { $_[0] =~ s/^s1:\w+( \S+ \S+ main 002)/$other$1/mr }],
    ['a state digest', sub { $_[0] =~ s/^(s1:\S+ t1:\S+) d1:\w+( main 003)/"$1 d1:" . ('0' x 64) . $2/emr }],
    ['a version', sub { $_[0] =~ s/main 002 002_two/main 0021 002_two/r }],
    ['a name', sub { $_[0] =~ s/002_two/002_deux/r }],
    ['a line removed', sub { $_[0] =~ s/^s1:\S+ \S+ \S+ main 002.*\n//mr }],
    ['the last line removed', sub { $_[0] =~ s/^s1:\S+ \S+ \S+ main 004.*\n//mr }],
    ['two lines swapped', sub { $_[0] =~ s/^(s1:.* main 002 .*\n)(s1:.* main 003 .*\n)/$2$1/mr }],
    ['the end removed', sub { $_[0] =~ s/^end.*\n//mr }],
    ['conflict marks', sub { $_[0] =~ s/^(s1:.* main 003 .*\n)/<<<<<<< ours\n$1=======\n>>>>>>> theirs\n/mr }],
) {
    my ($name, $edit) = @{$case};
    my $by_hand = $edit->($lock);
    isnt($by_hand, $lock, "$name: it is another lock");
    my $dir = migrations({%files, 'stele.lock' => $by_hand});
    ($exit, $out, $err) = build($dir, temporary());
    ok($exit, "a lock edited by hand, $name: the build refuses it");
    like($err, qr/stele\.lock|\b00\d_\w+\.sql/, "$name: and says where");
    is(read_file("$dir/stele.lock"), $by_hand, "$name: and leaves it");
}

# What git's line-end settings and editors do to a checkout makes no difference.
my @generated;
for my $case (
    ['as it is', sub { $_[0] }],
    ['CRLF', sub { $_[0] =~ s/\n/\r\n/gr }],
    ['a byte order mark', sub { "\xef\xbb\xbf$_[0]" }],
    ['both', sub { "\xef\xbb\xbf" . ($_[0] =~ s/\n/\r\n/gr) }],
) {
    my ($name, $edit) = @{$case};
    my $parent = temporary(1);
    make_path("$parent/m");
    my $dir = migrations({'stele.lock' => $lock, map { $_ => $edit->($files{$_}) } keys %files}, "$parent/m");
    ($exit, $out, $err) = run(built('stelec'), '-o', "$parent/m.c", $dir);
    is($exit, 0, "$name: the build takes it") or diag($err);
    push(@generated, read_file("$parent/m.c"));
    is($generated[-1], $generated[0], "$name: the same table");
    is(read_file("$dir/stele.lock"), $lock, "$name: the same lock");
    ($exit, $out, $err) = stele(program($dir), $database, 'up');
    is($exit, 0, "$name: the database takes it") or diag($err);
}

done_testing();
