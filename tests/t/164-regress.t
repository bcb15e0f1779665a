#!/usr/bin/perl
# PostgreSQL's own regression tests, less the lines for psql: stelec finds the very statements that psql sends, also where they
# are full of errors, and the grammar never disagrees with it. It takes minutes: `make regress` fetches the source and runs it.
use strict;
use warnings;
use File::Glob qw(:bsd_glob);    # the plain one splits at blanks
use Test::More;
use Stele::Splitting;
use Stele::Test;

plan(skip_all => 'make regress runs it') unless $ENV{STELE_REGRESS};
my $source = "$ENV{STELE_REGRESS}/source";

# The files of src/test/regress as its schedule has them, since some make the tables of others; not those about psql itself,
# nor the one that has several COPYs in a line.
sub in_order {
    my ($schedule) = @_;
    return grep { -e } map { "$source/src/test/regress/sql/$_.sql" } map { split ' ' } $schedule =~ /^(?:test|ignore):\s+(.*)$/mg;
}

my @scheduled = in_order(read_file("$source/src/test/regress/parallel_schedule"));
my @files = grep { !m{/(?:psql|copyselect)[^/]*\z} } (@scheduled, grep { my $one = $_; !grep { $_ eq $one } @scheduled }
    map { sort glob("$source/$_/sql/*.sql") } qw(src/test/regress src/pl/* src/pl/*/* contrib/* src/test/modules/*));

# Without what is meant for psql. A \g ends a statement as a semicolon does, and \copy is a COPY. Its variables aren't set.
sub plain {
    my ($text) = @_;
    $text =~ s/\\;/;\n/g;
    $text =~ s/:(['"])(\w+)\1/$1$2$1/g;
    $text =~ s/^\\(copy\b.*\bfrom\s+stdin\b.*?);?$/$1;/img;
    $text =~ s/\\(?:g\b|gx\b|gset|gexec|gdesc|crosstabview|watch|bind|parse).*$/;/mg;
    $text =~ s/^[ \t]*\\(?!N\b|u[0-9a-f]{4})[a-zA-Z!?].*$//mg;
    return $text;
}

server('-c', 'log_statement=all', '-c', 'statement_timeout=5s', '-c', 'max_prepared_transactions=10', '-c', 'wal_level=logical');
my $db = fresh_database();
my $dir = temporary(1);
my ($statements, $compared, @wrong, @foreign, @stuck) = (0, 0);
for my $i (0 .. $#files) {
    my ($name) = $files[$i] =~ m{([^/]*)\.sql\z};
    my $path = sprintf('%s/regress/%04d_%s.sql', $dir, $i + 1, $name);
    write_file($path, plain(read_file($files[$i])));
    my ($own) = by_stelec($path);
    if (!defined $own) {
        push(@foreign, $name);
        unlink($path);
        next;
    }
    my @texts = by_psql($db, $path, timeout => 40, result => \my %psql);
    if ($psql{exit} == 124) { # it waits for another session
        push(@stuck, $name);
        next;
    }
    my $difference = difference($own, \@texts);
    push(@wrong, "$files[$i]: $difference") if $difference ne '';
    $compared++;
    $statements += @texts;
}
is(join("\n", @wrong), '', "$compared files, $statements statements: stelec splits them as psql does");
note("not UTF-8: @foreign; waits for ever: @stuck");

my ($exit, $out, $err) = run(built('stelec'), '-o', 'regress.c', 'regress', {cwd => $dir, timeout => 300});
my @disagree = $err =~ /^(.*disagree.*)$/mg;
is(join("\n", @disagree), '', 'and the grammar says the same of every statement that it understands');
is($exit, 1, 'the errors in them are told');
like($err, qr/ errors; nothing was written\n\z/, 'and counted');

done_testing();
