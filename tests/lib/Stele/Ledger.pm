package Stele::Ledger;

# The ledger as docs/ledger.md describes it, written a third time, in Perl: what the
# server's functions and the runtime's C agree on is checked against this one, and
# tests that forge rows use it to forge them well.
#
#     use Stele::Ledger;
#     my @rows = ledger_rows($database);
#     is(row_hash($rows[1], $rows[0]{hash}), $rows[1]{hash}, 'the second row follows from the first');

use strict;
use warnings;

use Digest::SHA qw(sha256 sha256_hex);
use Encode qw(encode_utf8);
use Exporter qw(import);
use JSON::PP;
use Stele::Test;

our @EXPORT = qw(ledger_rows row_hash row_bytes chain_digest source_checksum source_checksum_of state_digest json_lines tampered
    follow deeds);

# What a row's hash covers, in order; i: an integer, t: a text, b: bytes in hex.
my @columns = (
    [i => 'seq'], [t => 'component'], [i => 'format'], [t => 'action'], [t => 'version'], [t => 'name'], [t => 'file'],
    [i => 'step'], [t => 'source'], [t => 'tokens'], [t => 'state'], [t => 'parameters'], [t => 'compat'],
    [t => 'one_way'], [b => 'down_sha256'], [t => 'reason'], [i => 'statements'], [i => 'started'], [i => 'duration'],
    [t => 'role'], [t => 'address'], [t => 'host'], [t => 'application'], [t => 'build'],
);

# Every row, in the order of the chains: a hash of column => value, with `started` in microseconds
# since 2000 and `hash` in hex.
sub ledger_rows {
    my ($database) = @_;
    my $text = psql($database, <<'SQL');
SELECT coalesce(json_agg(r ORDER BY component, seq), '[]') FROM (
  SELECT seq, component, format, action, version, name, file, step, source, tokens, state, parameters::text AS parameters,
         compat, one_way, down, encode(down_sha256, 'hex') AS down_sha256, reason, statements,
         (extract(epoch FROM started - '2000-01-01 00:00:00Z') * 1000000)::bigint AS started,
         duration, role, address, host, application, build, encode(hash, 'hex') AS hash
    FROM stele.ledger) AS r
SQL
    return @{JSON::PP->new->utf8->decode($text)};
}

sub field {
    my ($bytes) = @_;
    return defined $bytes ? pack('N/a*', $bytes) : "\xff\xff\xff\xff";
}

# The bytes of a row that its hash covers.
sub row_bytes {
    my ($row) = @_;
    my %bytes = (
        i => sub { pack('q>', $_[0]) },
        t => sub { encode_utf8($_[0]) },
        b => sub { pack('H*', $_[0]) },
    );
    return join('', map {
        my ($kind, $name) = @{$_};
        die "the row has no column \"$name\"\n" unless exists $row->{$name};
        field(defined $row->{$name} ? $bytes{$kind}->($row->{$name}) : undef);
    } @columns);
}

# The hash, in hex, of a row that follows one with that hash; none: the first.
sub row_hash {
    my ($row, $previous) = @_;
    return sha256_hex("stele-row-1\n", defined $previous ? pack('H*', $previous) : "\0" x 32, sha256(row_bytes($row)));
}

# What a reseal accepts: the rows before it, as they are found.
sub chain_digest {
    my $hash = sub { my $bytes = pack('H*', $_[0]); return length($bytes) == 32 ? $bytes : sha256($bytes) };
    return 'c1:' . sha256_hex("stele-chain-1\n", map { (sha256(row_bytes($_)), $hash->($_->{hash})) } @_);
}

# Of a file's bytes.
sub source_checksum { return 's1:' . sha256_hex($_[0]) }

# Of a file's bytes and its members' [name, text], in order.
sub source_checksum_of {
    my ($text, @members) = @_;
    return source_checksum($text) unless @members;
    return 's2:' . sha256_hex("stele-source-2\n", map { field($_) } $text, map { @{$_} } @members);
}

# The digest of a set of [version, name, source checksum], in order.
sub state_digest {
    my ($component, @members) = @_;
    my $state = sha256("stele-state-1\n", field($component));
    $state = sha256($state, map { field(encode_utf8($_)) } @{$_}) for @members;
    return 'd1:' . unpack('H*', $state);
}

# The objects of a --json output; dies on a line that isn't one.
sub json_lines {
    my ($out) = @_;
    return map { JSON::PP->new->utf8->decode($_) } split(/\n/, $out);
}

# Of all that stele printed, the command `repair KIND ...` that it tells to give: run, with a reason. Returns as run(); dies
# where there is no such command.
sub follow {
    my ($program, $database, $text, $kind, @options) = @_;
    my ($command) = $text =~ /(repair $kind(?: [^;:,\n]+?)?) --reason TEXT/ or die "no hint for repair $kind in:\n$text";
    return stele($program, $database, split(/ /, $command), '--reason', "we were told: $kind", @options);
}

# What was done, as `history` has it: "apply 001_a.sql", "step 2 002_b.sql" ...
sub deeds {
    my ($program, $database) = @_;
    my ($exit, $out, $err) = stele($program, $database, 'history', '--json');
    return map { join(' ', $_->{action}, $_->{step} || (), ($_->{version} ne '' ? $_->{file} : $_->{name}) || ()) }
        grep { $_->{event} eq 'row' } json_lines($out);
}

# A copy of a database with statements run in it by the ledger's owner, its guards off meanwhile;
# the copy's name.
sub tampered {
    my ($database, $sql) = @_;
    my $copy = fresh_database();
    psql('postgres', "DROP DATABASE $copy");
    psql('postgres', "CREATE DATABASE $copy TEMPLATE $database");
    psql($copy, join("\n", (map { "ALTER TABLE stele.$_ DISABLE TRIGGER ALL;" } qw(ledger anchor)), $sql, ';',
        'ALTER TABLE stele.ledger ENABLE ALWAYS TRIGGER append_only;',
        'ALTER TABLE stele.anchor ENABLE ALWAYS TRIGGER keep;'));
    return $copy;
}

1;
