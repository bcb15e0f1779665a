#!/usr/bin/perl
# What is sealed stays as it is: every way to change it is refused by name, and nothing is written.
use strict;
use warnings;
use Digest::SHA;
use File::Glob qw(:bsd_glob);    # the plain one splits at blanks
use Test::More;
use Stele::Test;

my %files = map { ("00$_" . '_' . chr(96 + $_) . '.sql' => "CREATE TABLE t$_ (x int);\n-- the end\n") } 1 .. 4;

# A folder with all four sealed.
sub sealed {
    my $work = temporary(1);
    migrations({%files, @_}, "$work/m");
    my ($exit, $out, $err) = run(built('stelec'), 'seal', 'm', {cwd => $work});
    is("$exit|$out|$err", "0|sealed 001_a.sql\nsealed 002_b.sql\nsealed 003_c.sql\nsealed 004_d.sql\n|",
        'four migrations are sealed');
    return $work;
}

sub stelec { my ($work, @arguments) = @_; return run(built('stelec'), @arguments, {cwd => $work}) }

# Change the folder by a function, then expect this complaint, and no change.
sub refused {
    my ($name, $change, $expected) = @_;
    my $work = sealed();
    $change->("$work/m");
    my $before = -e "$work/m/stele.lock" ? read_file("$work/m/stele.lock") : '';
    my ($exit, $out, $err) = stelec($work, '-o', 'm.c', 'm');
    is("$exit|$out", '1|', "$name: is refused");
    like($err, $expected, "$name: is told");
    ok(!-e "$work/m.c" && read_file("$work/m/stele.lock") eq $before, "$name: nothing is written");
    return $work;
}

sub edit { my ($path, $from, $to) = @_; my $text = read_file($path); $text =~ s/$from/$to/ or die; write_file($path, $text) }
sub lock_edit { my ($from, $to) = @_; return sub { edit("$_[0]/stele.lock", $from, $to) } }

my $sum = qr/s1:[0-9a-f]{64}/;
refused('an edit', sub { edit("$_[0]/002_b.sql", 'int', 'text') },
    qr{^m/002_b.sql: error: sealed migration "002_b.sql" was edited\nnote: sealed as $sum\nnote: is now    $sum\nhint: .*stelec seal --amend 002 m\nstelec: 1 error; nothing was written\n\z});
refused('another comment', sub { edit("$_[0]/002_b.sql", 'the end', 'The end') },
    qr{^m/002_b.sql: error: sealed migration "002_b.sql" was reformatted\nnote: only comments and white space differ\n});
refused('other white space', sub { edit("$_[0]/002_b.sql", ' int', "\n\tint") }, qr{was reformatted});
refused('white space in a token', sub { edit("$_[0]/002_b.sql", 'int', 'i nt') }, qr{was edited});
refused('a comment joined to the line below', sub { edit("$_[0]/003_c.sql", 'CREATE', '--CREATE') }, qr{was edited});
refused('a removed file', sub { unlink "$_[0]/002_b.sql" },
    qr{^m/002_b.sql: error: sealed migration "002_b.sql" is missing\n});
refused('a renamed file', sub { rename "$_[0]/002_b.sql", "$_[0]/002_other.sql" },
    qr{^m/002_other.sql: error: sealed migration "002_b.sql" was renamed to "002_other.sql"\n.*\nstelec: 1 error});
refused('another version', sub { rename "$_[0]/002_b.sql", "$_[0]/005_b.sql" },
    qr{^m/005_b.sql: error: sealed migration "002_b.sql" was renamed to "005_b.sql"\n.*\nstelec: 1 error});
refused('the version written otherwise', sub { rename "$_[0]/002_b.sql", "$_[0]/2_b.sql" }, qr{"002_b.sql" was renamed to "2_b.sql"});
refused('two files swapped', sub {
    rename "$_[0]/002_b.sql", "$_[0]/x"; rename "$_[0]/003_c.sql", "$_[0]/002_b.sql"; rename "$_[0]/x", "$_[0]/003_c.sql" },
    qr{^m/002_b.sql: error: sealed migrations "002_b.sql" and "003_c.sql" were swapped\n.*\nstelec: 1 error});
refused('a new one below the head', sub { write_file("$_[0]/0025_x.sql", "SELECT 1;\n"); rename "$_[0]/0025_x.sql", "$_[0]/2.5_x.sql" },
    qr{^m/2.5_x.sql: error: new migration "2.5_x.sql" comes before sealed "004_d.sql"\nhint: give it a version above "004"});
my $other = refused('another component', sub { write_file("$_[0]/stele.conf", "component other\n") },
    qr{error: sealed migration "001_a.sql" was of component "main", is now of "other"\n});
refused('an edit that is wrong as well', sub { edit("$_[0]/002_b.sql", 'TABLE', 'TABEL') }, qr{002_b.sql: error: sealed .*\n(.*\n)*m/002_b.sql:1:8: error: syntax error});

my $hand = qr{^m/stele.lock:7:1: error: last line doesn't match: stele.lock was edited by hand, or badly merged\n};
refused('a digit of the lock', lock_edit('s1:.', 's1:0'), qr{error: (last line doesn't match|malformed)});
refused('a line of the lock removed', lock_edit('s1:[^\n]* 002_b.sql\n', ''), qr{last line doesn't match});
refused('lines of the lock in another order', lock_edit('(s1:[^\n]* 002_b.sql\n)(s1:[^\n]*\n)', ''), qr{last line doesn't match});
refused('a comment in the lock', lock_edit('Written', 'written'), $hand);
refused('no last line', lock_edit('\nend .*\n', "\n"), qr{error: stele.lock lacks its last line});
refused('text behind the last line', lock_edit('\z', "x\n"), qr{error: text behind the last line});
refused('a malformed line', lock_edit(' main 002 ', ' main '), qr{stele.lock:4:1: error: malformed line});
refused('conflict marks', lock_edit('(s1:[^\n]* 004_d.sql\n)', "<<<<<<< HEAD\n=======\n>>>>>>> branch\n"),
    qr{stele.lock:6:1: error: stele.lock has the marks of a merge conflict\n(.*\n)*hint: take m/stele.lock and the generated C as they are on the branch that others have already .*, then run stelec again, which adds what is new\n});
refused('a newer format', lock_edit('lock 1', 'lock 2'), qr{stele.lock:1:1: error: stele.lock has a format that this stelec doesn't know});
refused('another file', sub { write_file("$_[0]/stele.lock", "{}\n") }, qr{error: not a stele.lock});

# A lock whose last line is right, but not what is above it: written by something else than stelec.
sub forged {
    my ($change) = @_;
    return sub {
        (my $text = read_file("$_[0]/stele.lock")) =~ s/^end.*\n//m;
        local $_ = $text;
        $change->();
        write_file("$_[0]/stele.lock", $_ . 'end ' . (() = /^s1:/mg) . ' ' . Digest::SHA::sha256_hex($_) . "\n");
    };
}
refused('lines in another order', forged(sub { s/(s1:.* 002_b.sql\n)(s1:.*\n)/$2$1/ }),
    qr{stele.lock:5:1: error: sealed migrations "003_c.sql" and "002_b.sql" are out of order});
refused('a line twice', forged(sub { s/(s1:.* 002_b.sql\n)/$1$1/ }), qr{are out of order});
refused('another state digest', forged(sub { s/d1:.(.* 003_c.sql)/d1:x$1/; s/d1:x/d1:0/ or die }), qr{stele.lock:5:1: error: (state digest of "003_c.sql"|malformed)});
refused('another token checksum', forged(sub { s/t1:[0-9a-f]{4}(.* 003_c.sql)/t1:0000$1/ }),
    qr{stele.lock:5:1: error: tokens of "003_c.sql" differ though its text does not});
refused('another name', forged(sub { s/003_c.sql/003_x.sql/ }), qr{"003_x.sql" was renamed to "003_c.sql"});

# Two branches that add a migration meet in git, where a human sees it.
SKIP: {
    my $git = temporary(1);
    my @git = ('git', '-c', 'user.name=t', '-c', 'user.email=t@localhost', '-c', 'init.defaultBranch=one');
    skip('no git', 6) if (run('git', '--version'))[0] != 0;
    migrations({%files}, "$git/m");
    my $add = sub {
        my ($name, $text) = @_;
        write_file("$git/m/$name", $text);
        is((stelec($git, 'seal', 'm'))[0], 0, "$name is sealed");
        run(@git, 'add', 'm', {cwd => $git});
        run(@git, 'commit', '-q', '-m', $name, {cwd => $git});
    };
    run(@git, 'init', '-q', {cwd => $git});
    $add->('005_base.sql', "SELECT 5;\n");
    run(@git, 'checkout', '-q', '-b', 'two', {cwd => $git});
    $add->('006_two.sql', "SELECT 6;\n");
    run(@git, 'checkout', '-q', '-', {cwd => $git});
    $add->('007_one.sql', "SELECT 7;\n");
    isnt((run(@git, 'merge', '-q', 'two', {cwd => $git}))[0], 0, 'git merge stops');
    like((stelec($git, 'seal', 'm'))[2], qr/marks of a merge conflict/, 'and stelec, too');
    run(@git, 'checkout', '-q', '--theirs', 'm/stele.lock', {cwd => $git});
    is(join('|', stelec($git, 'seal', 'm')), "0|sealed 007_one.sql\n|", 'with one side taken whole, the other is sealed behind it');
}

# ------------------------------------------------------------- the ways out

my $work = sealed();
my $lock = "$work/m/stele.lock";
edit("$work/m/002_b.sql", 'int', 'text');
my ($exit, $out, $err) = stelec($work, 'seal', '--amend', '003', 'm');
is($exit, 1, 'amending another version does not help');
($exit, $out, $err) = stelec($work, 'seal', '--amend', '002', 'm');
is("$exit|$out|$err", "0|amended 002_b.sql\n|", 'an edit can be amended');
is(join('|', stelec($work, 'seal', '--amend', '002', 'm')), '0||', 'once');
edit("$work/m/002_b.sql", 'text', 'bigint');
is(join('|', stelec($work, 'seal', '--amend', '2', 'm')), "0|amended 002_b.sql\n|", 'by its number');
is(join('|', stelec($work, 'seal', '--amend', '2x', 'm')),
    "1||m/stele.lock: error: no migration of version \"2x\" to amend\nhint: did you mean \"002\"?\nstelec: 1 error; nothing was written\n",
    'but not by what only begins with it');
like((stelec($work, 'seal', '--amend', 'main/002_b.sql', 'm'))[2], qr{^hint: did you mean "main/002"\?$}m, 'nor by its file');
($exit, $out, $err) = stelec($work, '--check', '-o', 'm.c', 'm');
like($err, qr{^m.h: error: file is stale\nm.c: error: file is stale\nstelec: 2 errors|m.c: error: file is stale}, '--check names what is stale');
is($exit, 1, 'with exit 1');
ok(!-e "$work/m.c", 'and writes nothing');
is((stelec($work, '-o', 'm.c', 'm'))[0], 0, 'then it builds');
is((stelec($work, '--check', '-o', 'm.c', 'm'))[0], 0, 'and is fresh');

unlink "$work/m/003_c.sql";
is(join('|', stelec($work, 'seal', '--amend=main/003', 'm')), "0|removed 003_c.sql\n|", 'a removed one can be amended');
unlike(read_file($lock), qr/003_c/, 'and is gone');
rename "$work/m/002_b.sql", "$work/m/002_renamed.sql";
is(join('|', stelec($work, 'seal', '--amend', '2', 'm')), "0|amended 002_renamed.sql\n|", 'a renamed one can be amended');
write_file("$work/m/003_late.sql", "SELECT 1;\n");
is(join('|', stelec($work, 'seal', '--amend', '003', 'm')), "0|sealed 003_late.sql\n|", 'one below the head can be amended');
like(read_file($lock), qr/001_a.sql\n.*002_renamed.sql\n.*003_late.sql\n.*004_d.sql\nend 4 /, 'and stands in its place');
is((stelec($work, '-o', 'm.c', 'm'))[0], 0, 'after all that it builds');
is((stelec($work, 'seal', '--amend', '009', 'm'))[0], 1, 'a version that nobody has is refused');

edit($lock, 'end 4 ....', 'end 4 0000');
is((stelec($work, '-o', 'm.c', 'm'))[0], 1, 'a wrong last line is refused');
is((stelec($work, 'seal', '--amend', '004', 'm'))[0], 0, 'and repaired, when all else is right');
is((stelec($work, '-o', 'm.c', 'm'))[0], 0, 'then it builds');

write_file("$work/m/005_e.sql", "SELECT 5;\n");
($exit, $out, $err) = stelec($work, '--sealed', '-o', 'm.c', 'm');
like("$exit $err", qr{^1 m/005_e.sql: error: migration "005_e.sql" is not sealed\nhint: run "stelec seal m"}, '--sealed takes no new one');
is((stelec($work, 'seal', 'm'))[0], 0, 'until it is sealed');
is((stelec($work, '--sealed', '-o', 'm.c', 'm'))[0], 0, 'then it does');

# A file without a statement is told when it is sealed, and not again.
my $empty = qr{holds no statement; it is sealed empty\n};
write_file("$work/m/006_f.sql", "-- to be written\n-- stele: down\nSELECT 6;\n");
unlike((stelec($work, '--check', '-o', 'm.c', 'm'))[2], $empty, '--check seals nothing');
is(join('|', stelec($work, 'seal', 'm')),
    "0|sealed 006_f.sql\n|m/006_f.sql: warning: holds no statement; it is sealed empty\nhint: once it has some: stelec seal --amend 006 m\n",
    'an empty one is told');
is(join('|', stelec($work, '-o', 'm.c', 'm')), '0||', 'once');
write_file("$work/m/006_f.sql", "-- now\nSELECT 6;\n");
is(join('|', stelec($work, 'seal', '--amend', '006', 'm')), "0|amended 006_f.sql\n|", 'when it holds some, no more');
write_file("$work/m/007_g.sql", '');
($exit, $out, $err) = stelec($work, '-o', 'm.c', 'm');
like("$exit|$out|$err", qr{^0\|\|m/007_g.sql: warning: $empty}, 'also when it is sealed by a build, which prints nothing else');

# A checkout with CR LF is the same history, and its lock is left alone.
for my $file (glob("$work/m/*")) { (my $text = read_file($file)) =~ s/\n/\r\n/g; write_file($file, $text) }
my $before = read_file($lock);
is((stelec($work, '--check', '-o', 'm.c', 'm'))[0], 0, 'a checkout with CR LF is fresh');
is((stelec($work, '-o', 'm.c', 'm'))[0], 0, 'and builds');
is(read_file($lock), $before, 'and its lock is left alone');

done_testing();
