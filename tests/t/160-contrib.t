#!/usr/bin/perl
# The SQL that comes with PostgreSQL and its extensions: stele and PostgreSQL's grammar agree on every statement of it.
use strict;
use warnings;
use Test::More;
use Stele::Test;

# The SQL files of a folder. One that can't be read is no reason to skip the test: it fails.
sub sql_files {
    my ($path) = @_;
    return () unless -e $path;
    opendir(my $folder, $path) or die "$path: $!\n";
    return map { "$path/$_" } grep { /\.sql\z/ && -f "$path/$_" } sort readdir($folder);
}

my $share = psql('postgres', "SELECT setting FROM pg_config WHERE name = 'SHAREDIR'");
my @sources = map { sql_files($_) } $share, "$share/extension";
plan(skip_all => "no SQL files are installed in $share") unless @sources;

# An extension's script has a line for psql, and names that CREATE EXTENSION fills in.
my %files;
for my $path (@sources) {
    my $text = read_file($path);
    $text =~ s/^\\echo .*$//mg;
    $text =~ s/\@(?:extschema(?::\w+)?|extowner)\@/filled_in/g;
    (my $name = $path) =~ s{.*/}{};
    $files{sprintf('%05d_%s', 1 + keys %files, $name)} = $text;
}
my $dir = temporary(1);
migrations(\%files, "$dir/contrib");
my ($exit, $out, $err) = run(built('stelec'), '-o', 'contrib.c', 'contrib', {cwd => $dir, timeout => 120});
unlike($err, qr/disagree/, scalar(@sources) . ' files: every statement ends where PostgreSQL ends it');

# pgTAP 1.2's upgrade script lacks a closing $$.
my @broken = grep { !/pgtap/ } $err =~ /^contrib\/(\S+?):\d+:\d+: error/mg;
is("@broken", '', 'and is understood');

done_testing();
