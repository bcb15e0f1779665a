#!/usr/bin/perl
# The demo of a batch job: it checks each step itself, and cleans up. What is in the database at its end, it has psql tell.
use strict;
use warnings;
use Test::More;
use Stele::Test;

my $tmp = temporary(1);
my $build = built('.');
my ($exit, $out, $err) = run(top() . '/examples/demo/demo-reembed', {cwd => '/', env => {BUILD => $build, TMPDIR => $tmp}, timeout => 300});
is($exit, 0, 'every step comes to what it says') or diag("$out$err");
is(scalar(() = $out =~ /^\d+\. /mg), 10, 'ten steps');
is_deeply([$out =~ /^exit (\d+)$/mg], [9, 9], 'the next program is refused before the switch, the old one after it');

# What each step is there to show.
like($out, qr/^reembed: about [34],\d{3} rows in [\d,]+ blocks/m, 'the plan has counted');
like($out, qr/^3 rows were tried, 0 of them would be given up; nothing was changed$/m, 'three were tried');
like($out, qr/^lease is 3s$/m, 'a knob is set while it runs');
like($out, qr/^\$ kill -9 /m, 'a worker is killed');
like($out, qr/^reembed is ready: [\d,]+ rows written/m, 'the job is ready all the same');
my @counts = $out =~ /^ +(\d+) \| +(\d+) \| +(\d+)$/m;
ok(@counts && $counts[0] > 3000 && $counts[0] == $counts[1] && $counts[0] == $counts[2], 'no memory is left out, and no vector left over') or diag("@counts");
my ($writes) = $out =~ /^meanwhile the application wrote (\d+) times/m;
cmp_ok($writes || 0, '>', 5, 'though somebody wrote all the time');

my ($verified) = $out =~ /^\$ \.\/memory job verify reembed\n(.*?)^\d+ checks, all well$/ms;
is_deeply([($verified || '') =~ /^  (\w+) /mg], [('ok') x 10], 'ten checks, and all are right');
like($verified || '', qr/^  ok +recall\@10 of \d+ queries is (?:1\.000|0\.9[5-9]\d)/m, 'with the recall');

like($out, qr/^memory: error: parameter "search_dim" is "384" in this program, but the database was made with "1024"$/m, 'the old program is told both values');
like($out, qr/^Ada No\. \d+\|\\x01[0-9a-f]{80,}$/m, 'a name is sealed');
like($out, qr/^event_lineage is done: 3,999 rows written/m, 'of the job in SQL all rows but one are done');
like($out, qr/\b22P02\b.*\n?.*"the first one"/, 'and that one is told, with the reason');

unlike($out, qr/sesame/, 'no secret is shown');
unlike($out, qr/\033/, 'no colour where there is no terminal');
opendir(my $handle, $tmp) or die;
is(join(' ', grep { !/^\.\.?$/ } readdir($handle)), '', 'nothing stays behind');

done_testing();
