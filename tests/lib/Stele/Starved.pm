package Stele::Starved;

# Commands whose n-th request for memory fails: of those that the program makes itself, not its libraries.
#
#     my ($exit, $out, $err, $count) = starve($n, $program, ..., {timeout => 100});    # $count: how many there were; n is 0: none fails

use strict;
use warnings;

use Exporter qw(import);
use Stele::Test;
use Stele::Torture;

our @EXPORT = qw(preload starve);

# make check does without a sanitizer: there, the C library's functions are replaced.
my $preload;
sub preload {
    return $preload if $preload;
    ($preload, my $why) = preloadable('failing_malloc');
    not_here($why) unless $preload;
    return $preload;
}

sub starve {
    my ($n, @command) = @_;
    my %option = ref $command[-1] ? %{pop @command} : ();
    my $count = temporary();
    my @result = run(@command, {timeout => 100, %option, env => {LD_PRELOAD => rehearsal() ? preload() : undef, %{$option{env} || {}}, FAILING_MALLOC => $n,
        FAILING_MALLOC_COUNT => $count, ASAN_OPTIONS => 'detect_leaks=1:exitcode=99:allocator_may_return_null=1'}});
    return (@result, -e $count ? 0 + read_file($count) : 0);
}

1;
