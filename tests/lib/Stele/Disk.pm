package Stele::Disk;

# A server whose disk can be full: it lives on a small file system in memory, which takes root to mount, and which goes when the test ends.
#
#     small_disk();               # in `cases` of a sweep: not here, where it can't be had
#     my $log = -s server() . '/log';
#     fill_disk(64);              # all but 64 kB
#     make_room();                # ... and a server that answers
#     my @how = hardship($log);   # what the server said meanwhile: 'data full', 'log full', 'sort full'

use strict;
use warnings;

use Exporter qw(import);
use File::Temp qw(tempdir);
use Stele::Session;
use Stele::Test;
use Stele::Torture;
use Time::HiRes qw(sleep time);

our @EXPORT = qw(small_disk filling fill_disk make_room hardship);

my $disk;
my $owner = $$;

sub small_disk {
    return if $disk;
    not_here('a file system can only be mounted by root') if $> != 0;
    $disk = tempdir('stele-disk.XXXXXX', TMPDIR => 1, CLEANUP => 0);
    my ($exit, undef, $err) = run('mount', '-t', 'tmpfs', '-o', 'size=140m,mode=1777', 'tmpfs', $disk);
    rmdir($disk), undef $disk if $exit;
    not_here("no file system can be mounted: $err") if $exit;
    local $ENV{TMPDIR} = $disk;
    # Small files of the log, none kept for later: soon a new one is needed.
    server('--wal-segsize', 1, map { ('-c', $_) } qw(min_wal_size=2MB max_wal_size=8MB wal_recycle=off shared_buffers=2MB checkpoint_timeout=30s));
    return;
}

# The command that takes all of it but so many kilobytes.
sub filling {
    my ($left) = @_;
    return "cat /dev/zero >'$disk/filler' 2>/dev/null; truncate -s -${left}K '$disk/filler'";
}

sub fill_disk { return run('sh', '-c', filling($_[0])) }

# One that found no room to recover from its PANIC has given up, and is started.
sub make_room {
    unlink("$disk/filler");
    for (my $end = time() + 60; time() < $end; sleep(0.05)) {
        return if (run(postgres('psql'), '-XqAt', '-d', url('postgres'), '-c', 'SELECT 1'))[1] eq "1\n";
        next if -e server() . '/data/postmaster.pid';
        seen('server gave up');
        run(top() . '/tests/tools/server', 'again', server());
    }
    die "the server does not come back\n";
}

# What did the server say, from that place in its log on?
sub hardship {
    my ($from) = @_;
    open(my $log, '<', server() . '/log') or die "log: $!\n";
    seek($log, $from, 0);
    my %kinds;
    while (my $line = <$log>) {
        next unless $line =~ /No space left on device/;
        $kinds{$line =~ /PANIC/ ? 'log full' : $line =~ /pgsql_tmp/ ? 'sort full' : $line =~ /ERROR/ ? 'data full' : 'other'} = 1;
    }
    return keys %kinds;
}

END {
    if ($disk && $$ == $owner) {
        my $status = $?;
        Stele::Session::hang_up();
        Stele::Test::clean_up();
        system('umount', '-l', $disk);
        rmdir($disk);
        $? = $status;
    }
}

1;
