package Stele::Splitting;

# Where a file's statements begin and end: as stelec, psql and the server see it.
#
#     my @own = by_stelec(@paths);                 # for each file a list of texts
#     my @texts = by_psql($database, $path);       # as they arrive at the server
#     is(difference(\@own, \@texts), '', 'they agree');

use strict;
use warnings;

use Exporter qw(import);

use Stele::Test;

our @EXPORT = qw(by_stelec by_psql by_server difference);

my (%programs, $serial);

# A file's text as stelec takes it: no byte order mark, LF at line ends.
sub canonical {
    my ($path) = @_;
    my $text = read_file($path);
    $text =~ s/\A\xef\xbb\xbf//;
    $text =~ s/\r\n/\n/g;
    return $text;
}

# For each file a list of its statements' texts; undef for one that stelec doesn't take for text.
sub by_stelec {
    my @paths = @_;
    $programs{statements} ||= helper('statements');
    my ($exit, $out, $err) = run($programs{statements}, @paths);
    die "statements: exit $exit\n$err" if $exit;
    my (@files, $text);
    for my $line (split(/\n/, $out)) {
        if ($line =~ /^(?:file|refused)/) {
            $text = canonical($paths[@files]);
            push(@files, $line eq 'refused' ? undef : []);
        } else {
            my ($begin, $end) = split(' ', $line);
            push(@{$files[-1]}, substr($text, $begin, $end - $begin));
        }
    }
    return @files;
}

# How many statements the server sees in the whole text of each file, or its complaint. Pairs of a path and the
# schema where names are looked up.
sub by_server {
    my ($database, @pairs) = @_;
    $programs{results} ||= helper('results');
    my ($exit, $out, $err) = run($programs{results}, url($database), @pairs);
    die "results: exit $exit\n$err" if $exit;
    return split(/\n/, $out);
}

# The statements that the server logged for an application. One with a syntax error is logged with its error only; any other
# before it runs, and again with whatever is said of it.
sub logged {
    my ($file, $name) = @_;
    my (@entries, @texts, $last);
    while (my $line = <$file>) {
        if ($line =~ s/^\t//) {
            $entries[-1][1] .= $line if @entries;
        } elsif ($line =~ s/^\S+ \S+ \S+ \Q$name\E\[\d+\] (LOG:  statement|STATEMENT|[A-Z]+): +//) {
            push(@entries, [$1, $line]);
        } else {
            push(@entries, ['', $line]);
        }
    }
    my $failed;
    for my $entry (@entries) {
        my ($kind, $text) = @{$entry};
        $failed = $kind eq 'ERROR' if $kind =~ /^(?:ERROR|LOG|WARNING|FATAL)/;
        push(@texts, $text) if $kind eq 'LOG:  statement' || ($kind eq 'STATEMENT' && $failed && !(defined $last && $last eq $text));
        $last = $text if $kind eq 'LOG:  statement';
        $last = undef if $kind eq 'STATEMENT' && $failed;
    }
    return @texts;
}

# What psql sends to the server, statement by statement, empty ones left out: the server logs each. Needs a server with
# log_statement=all. In a list, the texts; psql's exit status and complaints go to the hash.
sub by_psql {
    my ($database, $path, %option) = @_;
    my $name = 'splitting' . ++$serial;
    my $log = server() . '/log';
    my $before = -s $log;
    my ($exit, $out, $err) = run(postgres('psql'), '-Xq', '-o', '/dev/null', @{$option{options} || []}, '-d', url($database), '-f', $path,
        {env => {PGAPPNAME => $name, PGOPTIONS => $option{settings}}, timeout => $option{timeout}});
    @{$option{result}}{qw(exit err)} = ($exit, $err) if $option{result};
    open(my $file, '<:raw', $log) or die "$log: $!\n";
    seek($file, $before, 0);
    my @texts = logged($file, $name);
    return grep { $_ ne '' } map { s/\r\n/\n/gr =~ s/\A(?:$Stele::Splitting::nothing|;)+//r } @texts;
}

# White space and comments; blocks nest.
our $block   = qr{(?<block>/\*(?:[^*/]++|\*(?!/)|/(?!\*)|(?&block))*+\*/)};
our $nothing = qr{[ \t\n\r\f\x0b]++|--[^\n\r]*+|$block};

# The first pair of statements that aren't one and the same, in words; or ''. What psql sends has the semicolon, and the
# comments before it, but not every blank line.
sub difference {
    my ($own, $other) = @_;
    for my $i (0 .. (@{$own} > @{$other} ? $#{$own} : $#{$other})) {
        my ($a, $b) = map { defined $_ ? s/\n{2,}/\n/gr : undef } $own->[$i], $other->[$i];
        next if defined $a && defined $b && index($b, $a) == 0 && substr($b, length $a) =~ /\A(?:$nothing)*+;?(?:$nothing)*+\z/;
        return sprintf("statement %d of %d and %d:\n  stelec: %s\n  other:  %s", $i + 1, scalar @{$own}, scalar @{$other},
            map { defined $_ ? substr($_, 0, 300) : '(none)' } $a, $b);
    }
    return '';
}

1;
