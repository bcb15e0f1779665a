#!/usr/bin/perl
# The command line of stelec: exit codes, what is printed where, `stelec new`.
use strict;
use warnings;
use Test::More;
use Stele::Test;

my $work = temporary(1);
migrations({'001_a.sql' => "SELECT 1;\n"}, "$work/m");
sub stelec { return run(built('stelec'), @_, {cwd => $work}) }

like(join('|', stelec('--version')), qr/^0\|stelec \d+\.\d+\.\d+ \(libpg_query \d+\.\d+, Lua 5\.4\)\n\|$/, '--version');
my ($exit, $out, $err) = stelec('--help');
like("$exit|$err|$out", qr/^0\|\|Usage: stelec /, '--help is on stdout');
is(scalar(grep { length > 80 } split /\n/, $out), 0, 'and fits 80 columns');

my @wrong = (
    [[] => 'a directory of migrations is needed'],
    [['m'] => '-o FILE.c is needed'],
    [['-o', 'm.c'] => 'a directory of migrations is needed'],
    [['-o', 'm.c', 'a=m', '--component', 'b'] => '--component says something else than COMPONENT=DIR'],
    [['-o', 'm.c', 'm', 'n', '--component', 'b'] => '--component is about one directory; of several, write COMPONENT=DIR'],
    [['seal', '--amend', '1', 'm', 'n'] => 'of several directories, write --amend COMPONENT/1'],
    [['-o', 'm.c', 'a='] => 'the directory has no name'],
    [['--repeatable', '-o', 'm.c', 'm'] => '--repeatable belongs to "stelec new"'],
    [['new', 'a', 'm', 'n'] => 'one argument too many: "n"'],
    [['-o', 'm.h', 'm'] => '-o takes the name of a C source, not "m.h"'],
    [['-o'] => '-o needs a value'],
    [['--frob', 'm'] => 'unknown option "--frob"'],
    [['-x', 'm'] => 'unknown option "-x"'],
    [['--symbol', '1x', '-o', 'm.c', 'm'] => '"1x" is no name for the table in C'],
    [['--component', 'x-y', '-o', 'm.c', 'm'] => '"x-y" is no name for a component'],
    [['-D', 'x', '-o', 'm.c', 'm'] => '-D takes name=value, not "x"'],
    [['--amend', '001', '-o', 'm.c', 'm'] => '--amend belongs to "stelec seal"'],
    [['seal'] => 'a directory of migrations is needed'],
    [['new'] => 'new needs a name'],
    [['-D', 'x=1', 'seal'] => 'a directory of migrations is needed'],
);
for (@wrong) {
    my ($arguments, $message) = @$_;
    is(join('|', stelec(@$arguments)), "2||stelec: $message\nstelec: try \"stelec --help\"\n", "stelec @$arguments: exit 2");
}

is(join('|', stelec('-o', 'm.c', 'nowhere')), "1||nowhere: error: can't read directory: No such file or directory\nstelec: 1 error; nothing was written\n", 'no directory: exit 1');
is(join('|', stelec('-om.c', '--', 'm')), '0||', 'when all is good it is silent');
my $c = read_file("$work/m.c");
is(join('|', stelec('-D', 'x=1', 'seal', 'm')), '0||', 'a command may stand behind options');
migrations({'001_a.sql' => "SELECT 1;\n"}, "$work/seal");
is(join('|', stelec('-o', 'm.c', '--', 'seal')), '0||', 'and a folder may be called so');
is(join('|', stelec('seal', 'seal')), '0||', 'also behind the command');
is((stelec('--help', 'seal'))[1], (stelec('--help'))[1], 'help is help with any command');
is(join('|', stelec('--symbol=table', '--component=memory', '-Dx=1', '-o', 'other.c', 'm')) =~ /was of component "main", is now of "memory"/, 1, 'a component is sealed');
is((stelec('--symbol=my_table', '-D', 'size=12', '-o', 'other.c', 'm'))[0], 0, 'another symbol');
like(read_file("$work/other.h"), qr/#define STELE_PARAM_size 12\n(.*\n)*extern const stele_migrations my_table;/, 'is in the header');

write_file("$work/program.c", qq(#include "other.h"\n_Static_assert(STELE_main_001 == 0 && STELE_PARAM_size == 12, "");\n)
    . qq(int main(void) { return my_table.count == 1 && sizeof STELE_HEAD_main == 4 ? 0 : 1; }\n));
($exit, $out, $err) = run($ENV{CC} || 'cc', '-std=c11', '-Wall', '-Wextra', '-Wpedantic', '-Werror', '-I' . top() . '/runtime', '-o', 'program', 'program.c', 'other.c', {cwd => $work});
is("$exit|$out|$err", '0||', 'an application includes the header');
is((run("$work/program"))[0], 0, 'and has what it needs at compile time');

SKIP: {
    skip('root may read everything', 1) if $> == 0;
    migrations({'001_a.sql' => "SELECT 1;\n"}, "$work/secret");
    chmod 0, "$work/secret/001_a.sql";
    like((stelec('-o', 'm.c', 'secret'))[2], qr{^secret/001_a.sql: error: can't read file: Permission denied\n}, 'a file that may not be read is refused');
}
migrations({'001_a.sql' => "SELECT 1;\n"}, "$work/real");
symlink("$work/real/001_a.sql", "$work/m/009_link.sql") or die;
mkdir "$work/m/010_folder.sql";
like((stelec('-o', 'm.c', 'm'))[2], qr{^(?!.*error).*\z}s, 'a link is followed, a folder with such a name is none');
symlink("$work/nowhere", "$work/m/011_broken.sql") or die;
like((stelec('-o', 'm.c', 'm'))[2], qr{^m/011_broken.sql: error: can't read file: No such file or directory\n}, 'a link to nothing is refused');
unlink map { "$work/m/$_" } '009_link.sql', '011_broken.sql', 'stele.lock';
rmdir "$work/m/010_folder.sql";

# ------------------------------------------------------------------- new

is((stelec('new', 'add event search', 'm'))[1], "m/002_add_event_search.sql\n", 'new counts on');
write_file("$work/m/002_add_event_search.sql", read_file("$work/m/002_add_event_search.sql") . "SELECT 2;\n");
is(join('|', stelec('-o', 'm.c', 'm')), '0||', 'and what it made builds');
for (['empty' => {}, '001'], ['wide' => {'0099_a.sql' => ''}, '0100'], ['grows' => {'9_a.sql' => ''}, '10'],
    ['dots' => {'4.9_a.sql' => '', '4.105_b.sql' => ''}, '4.106']) {
    my ($name, $files, $version) = @$_;
    mkdir "$work/$name";
    migrations($files, "$work/$name");
    is(join('|', stelec('new', 'x', $name)), "0|$name/${version}_x.sql\n|", "$name: $version is next");
}
migrations({'20250117000001_a.sql' => ''}, "$work/stamps");
like((stelec('new', 'x', 'stamps'))[1], qr{^stamps/20[0-9]{12}_x.sql\n$}, 'a time follows a time');
migrations({'99990117000009_a.sql' => ''}, "$work/future");
is((stelec('new', 'x', 'future'))[1], "future/99990117000010_x.sql\n", 'also when the last is in the future');
is((stelec('new', 'a/b', 'm'))[0], 1, 'a name with a slash is refused');
is(join('|', stelec('new', 'x', 'nowhere')),
    "1||nowhere: error: can't read directory: No such file or directory\nhint: mkdir nowhere\nstelec: 1 error; nothing was written\n",
    'a folder that is not there, too');

# ------------------------------------------------- what stele.conf says of warnings

my $quiet = migrations({'001_a.sql' => "CREATE TABLE a (id int);\n", '002_b.sql' => "DROP TABLE a;\n"});
for my $case (["warn-after 002\n", ''], ["allow drop-table 2 \"why\"\n", ''], ["warn-after 001\n", 'drop-table'],
    ["warn-after 003\n", 'there is no migration "003" yet'], ["allow drop-table 003 \"why\"\n", 'no migration of version "003"'],
    ["allow drop-tabel 002 \"why\"\n", 'did you mean "drop-table"']) {
    write_file("$quiet/stele.conf", $case->[0]);
    my ($status, undef, $said) = run(built('stelec'), '-o', temporary() . '.c', $quiet);
    ok($status == 0 && ($case->[1] eq '' ? $said eq '' : index($said, $case->[1]) >= 0), "stele.conf: $case->[0]") or diag($said);
}

done_testing();
