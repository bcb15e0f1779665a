#!/usr/bin/perl
# What is hashed is what is sent: UTF-8, no BOM, LF. Other bytes are refused where they stand.
use strict;
use warnings;
use Test::More;
use Stele::Test;

# Run stelec on one file with these bytes: (exit, stderr, the C).
sub compile {
    my ($bytes) = @_;
    my $work = temporary(1);
    migrations({'001_a.sql' => $bytes}, "$work/m");
    my ($exit, $out, $err) = run(built('stelec'), '-o', 'm.c', 'm', {cwd => $work});
    return ($exit, $err, -e "$work/m.c" ? read_file("$work/m.c") : undef);
}

my $text = "CREATE TABLE caf\xc3\xa9 (x text);\nINSERT INTO caf\xc3\xa9 VALUES ('a\nb');\n";
my (undef, undef, $plain) = compile($text);
(my $crlf = $text) =~ s/\n/\r\n/g;
for (['CR LF' => $crlf], ['a byte order mark' => "\xef\xbb\xbf$text"], ['both' => "\xef\xbb\xbf$crlf"]) {
    my ($exit, $err, $c) = compile($_->[1]);
    is("$exit|$err", '0|', "$_->[0]: is taken");
    is($c, $plain, "$_->[0]: gives the same C");
}
for my $changed ("$text\n", "$text ", "\r$text", $text =~ s/b'/b '/r) {
    my ($exit, $err, $c) = compile($changed);
    is("$exit|$err", '0|', 'another white space is taken');
    isnt($c, $plain, 'and is another text');
}

my @refused = (
    ["SELECT 1;\nSELECT '\0';", "m/001_a.sql:2:9: error: zero byte in file\n"],
    ["SELECT '\xe9t\xe9';", "m/001_a.sql:1:9: error: invalid UTF-8: byte 0xe9\n"],
    ["\n\xc3\xa9\xc3", "m/001_a.sql:2:2: error: invalid UTF-8: byte 0xc3\n"],
    ["\xc0\x80", "m/001_a.sql:1:1: error: invalid UTF-8: byte 0xc0\n"],
    ["\xed\xa0\x80", "m/001_a.sql:1:1: error: invalid UTF-8: byte 0xed\n"],
    ["\xf4\x90\x80\x80", "m/001_a.sql:1:1: error: invalid UTF-8: byte 0xf4\n"],
    ["\xff\xfeS\0E\0", "m/001_a.sql: error: file is UTF-16\n"],
    ["\xfe\xff\0S\0E", "m/001_a.sql: error: file is UTF-16\n"],
);
for (@refused) {
    my ($exit, $err, $c) = compile($_->[0]);
    is($exit, 1, 'other bytes are refused');
    is(substr($err, 0, length $_->[1]), $_->[1], 'where they stand');
    is($c, undef, 'and nothing is written');
}

my ($exit, $err) = compile("SELECT '\x1b[31m', FROM;\n" . '-- ' . 'x' x 5000 . "\n");
unlike($err, qr/\x1b/, "a file can't drive the terminal");
($exit, $err) = compile('SELECT ' . '1, ' x 5000 . "FROM FROM;\n");
like($err, qr/:1:15008: error: .*\n    1 \| .{20,200}\n      \| *\^\n/, 'of a very long line, the place is shown');
($exit, $err) = compile(join '', map { "SELEC $_;\n" } 1 .. 300);
is(scalar(() = $err =~ /error: syntax/g), 100, 'at most 100 errors are shown');
like($err, qr/stelec: 300 errors; nothing was written\n\z/, 'and all are counted');

done_testing();
