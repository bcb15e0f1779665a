package Stele::Lua;

# What the tests of Lua in the runtime share: tests/programs/lua.c, compiled once per test file.
#
#     my $ran = lua($db, 'function up(db) print(1) end', arguments => [...], modules => {name => text});
#     $ran->{status}, {print} (its lines), {error} ("lua/m.lua:1:1: message [sqlstate]"), {message}, {detail}, {hint},
#     {source}, {context}, {peak}, {steps}, {all} (everything it wrote)

use strict;
use warnings;

use Exporter qw(import);
use Stele::Test;

our @EXPORT = qw(lua lua_program);

my $program;

# The compiled program's path.
sub lua_program { return $program ||= helper('lua') }

sub lua {
    my ($database, $text, %option) = @_;
    my $dir = temporary(1);
    write_file("$dir/m.lua", $text);
    my @modules;
    for my $name (sort keys %{$option{modules} || {}}) {
        (my $file = "$dir/$name.lua") =~ s/\.(?=.*\.lua$)/-/g;
        write_file($file, $option{modules}{$name});
        push(@modules, "$name=$file");
    }
    my ($exit, $out, $err) = run(lua_program(), url($database), $option{part} || 'up', "$dir/m.lua", @{$option{arguments} || []},
        @modules, {timeout => 300, env => $option{env} || {}});
    my %ran = (exit => $exit, all => "exit $exit\n$out$err", print => [$out =~ /^print (.*)$/mg]);
    ($ran{$_}) = $out =~ /^$_ (.*)$/m for qw(status error detail hint source peak steps);
    ($ran{context}) = $out =~ /^context (.*)^peak /ms;
    $ran{message} = $1 if ($ran{error} // '') =~ /^[^:]*:\d+:\d+: (.*) \[\w*\]$/;
    return \%ran;
}

1;
