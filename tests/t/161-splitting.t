#!/usr/bin/perl
# The files in tests/splitting: stelec finds the statements that psql finds, and as many as the server sees in the whole
# text. What is expected isn't written down: PostgreSQL says it. A new file is found by itself.
use strict;
use warnings;
use File::Glob qw(:bsd_glob);    # the plain one splits at blanks
use JSON::PP;
use Test::More;
use Stele::Splitting;
use Stele::Test;

server('-c', 'log_statement=all');
my $db = fresh_database();
my @files = sort glob(top() . '/tests/splitting/*.sql');
my @names = map { m{([^/]*)\.sql\z} ? $1 : die } @files;
psql($db, join('', map { "CREATE SCHEMA psql_$_; CREATE SCHEMA server_$_;\n" } @names));

# COPY data isn't SQL, and a setting counts for the texts that are sent after it: psql alone can judge these.
my @whole = grep { read_file($files[$_]) !~ /\bfrom\s+std(?:in|out)\b|standard_conforming_strings|^\\/im } 0 .. $#files;
my @counts;
@counts[@whole] = by_server($db, map { ($files[$_], "server_$names[$_]") } @whole);

# What is wrong with stelec's statements of a file; or ''. The server's number decides. psql has the texts, where its number
# is the same: it trips over a label "end" in a body, and over a comment between the pieces of an E'' string.
sub problem {
    my ($own, $count, $psql, @texts) = @_;
    return "server: $count" if defined $count && $count !~ /^\d+$/;
    return sprintf('stelec: %d, server: %d', scalar @{$own}, $count) if defined $count && $count != @{$own};
    return '' if defined $count && ($psql->{exit} || $count != @texts);
    return "psql: exit $psql->{exit}, $psql->{err}" if $psql->{exit} || $psql->{err} ne '';
    return difference($own, \@texts);
}

my @own = by_stelec(@files);
for my $i (0 .. $#files) {
    my @texts = by_psql($db, $files[$i], options => ['-v', 'ON_ERROR_STOP=1'],
        settings => "-c search_path=psql_$names[$i]", result => \my %psql);
    is(problem($own[$i], $counts[$i], \%psql, @texts), '', "$names[$i]: " . @{$own[$i]});
}

# stelec explain tells them as well, where the grammar agrees with each. A rollback can't be part of a migration.
my (@silent, @other);
for my $i (0 .. $#files) {
    my $path = temporary(1) . '/1_case.sql';
    write_file($path, read_file($files[$i]));
    my ($exit, $out, $err) = run(built('stelec'), 'explain', '--json', $path);
    my @texts = map { $_->{text} } grep { defined } map { decode_json($_)->{statement} } split(/\n/, $out);
    if ($exit) {
        push(@silent, $names[$i]);
        like($err, qr/"rollback" can't be part/, "$names[$i] is refused by explain for its rollback");
    } elsif (@texts != @{$own[$i]}) {
        push(@other, "$names[$i]: " . @texts);
    }
}
is("@other", '', 'stelec explain tells as many of each of the others');
cmp_ok(scalar @silent, '<', 5, 'and those are nearly all');

done_testing();
