#!/usr/bin/perl
# A damaged folder of migrations, whatever the damage, is compiled or refused: stelec never crashes, and what it refuses it leaves
# no output of.
use strict;
use warnings;
use File::Glob qw(:bsd_glob);    # the plain one splits at blanks
use POSIX qw();
use Test::More;
use Stele::Test;

# The reference history, with its Lua files, stele.conf and stele.lock.
my %good = map { m{/((?:migrations|lua)/[^/]*)\z} ? ($1 => read_file($_)) : () } glob(top() . '/{migrations,lua}/*');
my @names = sort grep { !/README/ } keys %good;

# Perl's own rand differs from host to host.
my $state = 4;
sub random {
    my ($below) = @_;
    $state = ($state * 1_103_515_245 + 12_345) & 0x7fffffff;
    return ($state >> 8) % $below;
}

my @pieces = ("'", '"', '$$', '/*', '*/', '--', ';', '(', ')', "\\", "\n", "\r", "\0", "\xff", "\xc2\xa0", '${', '}', '[[', 'end',
    "-- stele: down\n", "-- stele: verify\n", 'BEGIN ATOMIC ', "COPY t FROM stdin;\n");

# One kind of damage each: (bytes) -> bytes.
my %damages = (
    'cut short' => sub { substr($_[0], 0, random(1 + length $_[0])) },
    'a bit turned' => sub { my ($text) = @_; substr($text, random(length $text), 1) ^= chr(1 << random(8)) if length $text; $text },
    'a piece put in' => sub { my ($text) = @_; substr($text, random(1 + length $text), 0) = $pieces[random(scalar @pieces)]; $text },
    'a stretch left out' => sub { my ($text) = @_; substr($text, random(1 + length $text), random(40), ''); $text },
    'a stretch twice' => sub { my ($text) = @_; my $at = random(1 + length $text); substr($text, $at, 0) = substr($text, $at, random(400)); $text },
    'its beginning left out' => sub { substr($_[0], random(1 + length $_[0])) },
    'in UTF-16' => sub { join('', map { "$_\0" } split(//, $_[0])) },
);

my $dir = temporary(1);
write_file("$dir/$_", $good{$_}) for @names;

# What is wrong with a run; or "".
sub problem {
    my ($exit, $out, $err) = run(built('stelec'), '-o', 'out.c', 'migrations', {cwd => $dir, timeout => 20});
    my @written = grep { -e "$dir/$_" } qw(out.c out.h);
    unlink(map { "$dir/$_" } @written);
    return "exit $exit: $err" if $exit != 0 && $exit != 1;
    return "exit $exit, written: @written" if @written != ($exit == 0 ? 2 : 0);
    return $exit == 1 && $err !~ /error: / ? 'refused without a reason' : '';
}

is(problem(), '', 'the undamaged folder compiles');
for my $kind (sort keys %damages) {
    my ($problem, $refused) = ('', 0);
    for my $round (1 .. 2) {
        for my $name (@names) {
            my $damaged = $damages{$kind}->($good{$name});
            write_file("$dir/$name", $damaged);
            # Sealed ones are refused for their checksum at the latest: half of the time nothing is.
            unlink("$dir/migrations/stele.lock") if $round == 2 && $name !~ /lock/;
            my $found = problem();
            $problem ||= sprintf('%s: %s, with %s', $name, $found, unpack('H*', substr($damaged, 0, 2000))) if $found ne '';
            write_file("$dir/$_", $good{$_}) for $name, 'migrations/stele.lock';
        }
    }
    is($problem, '', "a file with $kind is compiled or refused");
}

# What isn't a file is looked at without waiting: nobody writes into this pipe.
POSIX::mkfifo("$dir/migrations/900_pipe.sql", 0600) or die $!;
is(problem(), '', 'a pipe among the migrations is refused');
is((run(built('stelec'), 'explain', 'migrations/900_pipe.sql', {cwd => $dir, timeout => 20}))[0], 1, 'and not explained either');

done_testing();
