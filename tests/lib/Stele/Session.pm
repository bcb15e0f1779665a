package Stele::Session;

# A psql that stays, for tests that ask much: ask($database, $sql) is psql() without starting one each time. It comes back by itself
# after the server was away. Its application is called "harness".

use strict;
use warnings;

use Exporter qw(import);
use IPC::Open2;
use Stele::Test;

our @EXPORT = qw(ask hang_up);

my %sessions;    # by database: pid, in, out
my $owner = $$;

sub session {
    my ($database) = @_;
    return $sessions{$database} if $sessions{$database};
    my ($in, $out);
    local $ENV{PGAPPNAME} = 'harness';
    my $pid = open2($out, $in, 'sh', '-c', 'exec "$@" 2>&1', 'sh', postgres('psql'), '-XqAt', '-d', url($database));
    return $sessions{$database} = {pid => $pid, in => $in, out => $out};
}

# End one, or all.
sub hang_up {
    for my $database (@_ ? @_ : keys %sessions) {
        my $one = delete $sessions{$database} or next;
        close($one->{in});
        close($one->{out});
        waitpid($one->{pid}, 0);
    }
    return;
}

# undef: the server was away.
sub try_to_ask {
    my ($one, $sql) = @_;
    local $SIG{PIPE} = 'IGNORE';
    print {$one->{in}} "$sql\n;SELECT 'the answer ends here';\n" or return;
    $one->{in}->flush or return;
    my $answer = '';
    while (defined(my $line = readline($one->{out}))) {
        return $answer if $line eq "the answer ends here\n";
        $answer .= $line;
    }
    return;
}

# Run SQL as superuser; what it prints. Dies when a statement fails.
sub ask {
    my ($database, $sql) = @_;
    my $answer;
    for my $try (1, 2) {
        $answer = try_to_ask(session($database), $sql);
        last if defined $answer;
        hang_up($database);
    }
    die "$database: the server is away\n" unless defined $answer;
    die "$answer" if $answer =~ /^(?:psql:\S+ )?ERROR: /m;
    $answer =~ s/\n\z//;
    return $answer;
}

END {
    if ($$ == $owner) {
        my $status = $?;
        hang_up();
        $? = $status;
    }
}

1;
