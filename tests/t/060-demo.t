#!/usr/bin/perl
# The demo: it checks each step itself, and cleans up.
use strict;
use warnings;
use Test::More;
use Stele::Test;

my $tmp = temporary(1);
my $build = built('.');
my ($exit, $out, $err) = run(top() . '/examples/demo/demo', {cwd => '/', env => {BUILD => $build, TMPDIR => $tmp}});
is($exit, 0, 'every step comes to what it says') or diag("$out$err");
is(scalar(() = $out =~ /^\d\. /mg), 9, 'nine steps');
is_deeply([$out =~ /^exit (\d+)$/mg], [1, 1, 6, 6], 'four refusals');
like($out, qr/^edited: 10 migrations, 3 jobs$/m, 'the edited history was built all the same');
unlike($out, qr/\033/, 'no colour where there is no terminal');
opendir(my $handle, $tmp) or die;
is(join(' ', grep { !/^\.\.?$/ } readdir($handle)), '', 'nothing stays behind');

done_testing();
