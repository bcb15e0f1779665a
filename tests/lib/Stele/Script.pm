package Stele::Script;

# What the tests of jobs' scripts share: tests/programs/script.c, compiled once per test file.
#
#     my $ran = script('return {...}', database => $db, arguments => [...], modules => {name => text}, env => {...});
#     $ran->{out}, {error} ("lua/m.lua:1:1: message [sqlstate]"), {status}, {message}, {hint}, {line}; {failed}: [each row's "message"];
#     {rows}: [lines of text or map]; {print}; {all}

use strict;
use warnings;

use Exporter qw(import);
use Stele::Test;

our @EXPORT = qw(script script_program);

my $program;

# The compiled program's path.
sub script_program { return $program ||= helper('script') }

sub script {
    my ($text, %option) = @_;
    my $dir = temporary(1);
    write_file("$dir/m.lua", $text);
    my @modules;
    for my $name (sort keys %{$option{modules} || {}}) {
        write_file("$dir/$name.lua", $option{modules}{$name});
        push(@modules, "$name=$dir/$name.lua");
    }
    my ($exit, $out, $err) = run(script_program(), $option{database} ? url($option{database}) : '-', "$dir/m.lua", @{$option{arguments} || []},
        @modules, {timeout => 300, env => $option{env} || {}});
    my %ran = (exit => $exit, out => $out, all => "exit $exit\n$out$err", print => [$out =~ /^print (.*)$/mg], rows => [$out =~ /^((?:text|map)\b.*)$/mg],
        failed => [$out =~ /^failed \d+ [^:]*:\d+:\d+: (.*) \[\w*\]$/mg], failed_lines => [$out =~ /^failed \d+ [^:]*:(\d+)/mg],
        took => [$out =~ /^took (\d+) us$/mg]);
    ($ran{status}, $ran{error}) = $out =~ /^status (\d+) (.*)$/m;
    ($ran{line}, $ran{message}) = ($1, $2) if ($ran{error} // '') =~ /^[^:]*:(\d+):\d+: (.*) \[\w*\]$/;
    ($ran{$_}) = $out =~ /^$_ (.*)$/m for qw(hint source detail);
    return \%ran;
}

1;
