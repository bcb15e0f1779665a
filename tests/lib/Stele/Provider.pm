package Stele::Provider;

# A provider of embeddings for tests (tests/programs/embedding_server/), and the driver that gives texts to it
# (tests/programs/embed.c). The server stops when the test ends.
#
#     use Stele::Provider;
#     my $provider = Stele::Provider->new;              # or new(tls => 'localhost')
#     $provider->control(status => 503, times => 2);    # settings: see embedding_server/server.h
#     ... 'url = "' . $provider->url . '"' ...
#     is($provider->stats->{requests}, 3);
#     $provider->reset;
#     my $vector = $provider->vector('a text', model => 'bge-m3', dimensions => 1024);   # "[0.1,...]"

use strict;
use warnings;

use Exporter qw(import);
use IO::Socket::INET;
use Stele::Test qw(companion helper run temporary);
use Test::More ();

our @EXPORT = qw(embed ends);

my ($server, $driver);

sub new {
    my ($class, %option) = @_;
    my @certificate = $option{tls} ? certificate($option{tls}) : ();
    $server ||= helper('embedding_server', '-lssl', '-lcrypto');
    my ($pid, $life, $port) = companion($server, @certificate);
    die "no provider of embeddings\n" unless $port =~ /^\d+$/;
    return bless({pid => $pid, life => $life, port => $port, tls => $option{tls}, ca => $certificate[0], plain => !$option{tls}}, $class);
}

# A certificate for a name, signed by itself, and its key: two files.
sub certificate {
    my ($name) = @_;
    my $path = temporary();
    my ($exit, $out, $err) = run(qw(openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj), "/CN=$name", '-addext', "subjectAltName=DNS:$name",
        '-keyout', "$path.key", '-out', "$path.pem");
    die "openssl: $err" if $exit;
    return ("$path.pem", "$path.key");
}

sub port { return $_[0]{port} }
sub ca   { return $_[0]{ca} }
sub url  { return ($_[0]{tls} ? 'https://localhost:' : 'http://127.0.0.1:') . $_[0]{port} . '/v1' }

sub stop {
    my ($self) = @_;
    return unless $self->{life};
    close(delete $self->{life});
    local $?;
    waitpid($self->{pid}, 0);
    return;
}

sub DESTROY { $_[0]->stop }

# One request of HTTP to a server without TLS: the body of the answer.
sub ask {
    my ($self, $method, $path, $body) = @_;
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $self->{port}, Timeout => 10) or die "no provider: $@\n";
    $body = '' unless defined $body;
    print {$socket} "$method $path HTTP/1.1\r\nHost: test\r\nContent-Length: " . length($body) . "\r\n\r\n$body";
    my ($head, $length) = ('', 0);
    while (defined(my $line = <$socket>)) {
        $head .= $line;
        $length = $1 if $line =~ /^content-length: (\d+)/i;
        last if $line eq "\r\n";
    }
    die "$method $path: $head" unless $head =~ m{^HTTP/1.1 200 };
    my $got = '';
    while (length($got) < $length) {
        read($socket, $got, $length - length($got), length($got)) or last;
    }
    return $got;
}

# Set settings; values have no line end.
sub control {
    my ($self, %setting) = @_;
    $self->ask('POST', '/control', join('', map { "$_ $setting{$_}\n" } sort keys %setting));
    return;
}

# All settings, and what was counted, as they were at first; and settings from there.
sub reset {
    my ($self, %setting) = @_;
    $self->ask('POST', '/control', "reset\n");
    $self->control(%setting) if %setting;
    return;
}

# What was counted: a hash. `repeated` is how many texts were answered once more.
sub stats {
    my ($self) = @_;
    return {map { split(/ /) } split(/\n/, $self->ask('GET', '/stats'))};
}

# The vector that it gives for a text, as pgvector reads it.
sub vector {
    my ($self, $text, %option) = @_;
    utf8::encode($text) if utf8::is_utf8($text);
    $text =~ s/([^A-Za-z0-9])/sprintf('%%%02X', ord $1)/ge;
    my $vector = $self->ask('GET', join('&', "/vector?text=$text", map { "$_=$option{$_}" } sort keys %option));
    chomp($vector);
    return $vector;
}

# Give texts to a provider by the driver: embed($provider, name => value, ..., {stdin, env, timeout}). A hash of what it tells: numbers; `failed_rows`, a list of [number, code, message]; `bounds`, a
# list of what held it up; `out` and `err` as they are.
sub embed {
    my ($self, @arguments) = @_;
    my %option = ref $arguments[-1] ? %{pop @arguments} : ();
    my %argument = @arguments;
    $argument{url} = $self->url if $self && !exists $argument{url};
    $driver ||= helper('embed');
    my ($exit, $out, $err) = run($driver, (map { "$_=$argument{$_}" } sort keys %argument), \%option);
    my %told = (exit => $exit, out => $out, err => $err, failed_rows => [], bounds => []);
    for (split(/\n/, $out)) {
        if (/^failed (\d+) (\S+) (.*)/) {
            push(@{$told{failed_rows}}, [$1, $2, $3]);
        } elsif (/^bound (.*)/) {
            push(@{$told{bounds}}, $1);
        } elsif (/^(\w+) ?(.*)/) {
            $told{$1} = $2;
        }
    }
    return \%told;
}

# How that ended: right, wrong, failed, left, and whether the provider stopped.
sub ends {
    my ($told, $expected, $what) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    Test::More::is("$told->{right} $told->{wrong} $told->{failed} $told->{left} $told->{stopped}", $expected, $what) or Test::More::diag($told->{out}, $told->{err});
    return;
}

1;
