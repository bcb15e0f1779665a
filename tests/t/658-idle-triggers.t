# Triggers that somebody disabled: what was changed meanwhile is found where something tells it, and else it is said.

use strict;
use warnings;

use Stele::Faults;
use Stele::Jobs;
use Stele::Test;
use Test::More;

my $idle = 'ALTER TABLE doc DISABLE TRIGGER ALL;';
my $enabled = "SELECT count(*) FROM pg_trigger WHERE tgrelid = 'doc'::regclass AND NOT tgisinternal AND tgenabled IN ('O', 'A')";

my $place = here(100);
runs($place, 'a job that embeds');
psql($place->{db}, "$idle UPDATE doc SET content = 'changed ' || id WHERE id <= 10; DELETE FROM doc WHERE id > 90; INSERT INTO doc VALUES (101, 'new')");
is(psql($place->{db}, 'SELECT count(*) FROM stele.dirty'), '0', 'while its triggers are disabled, they note nothing');
runs($place, 'the next run');
is(psql($place->{db}, $enabled), '4', '... enables them');
compared($place, 91, '... and finds what was changed');
is(psql($place->{db}, 'SELECT count(*) FROM side'), '91', '... and what went');
is(psql($place->{db}, 'SELECT reason FROM stele.job'), '', '... so that there is nothing to say');

my $kind = job(map => 'function(row) return { loud = row.content:upper() } end', more => "follow = 'trigger'");
$kind->{sql} .= "ALTER TABLE doc ADD loud text;\n";
$place = place($kind, rows => 100);
runs($place, 'a job that maps');
psql($place->{db}, "UPDATE doc SET content = 'seen' WHERE id = 1; $idle UPDATE doc SET content = 'unseen' WHERE id = 2");
runs($place, 'the next run, when they were disabled');
is(psql($place->{db}, $enabled), '4', '... enables them');
is(psql($place->{db}, 'SELECT string_agg(loud, \' \' ORDER BY id) FROM doc WHERE id < 3'), 'SEEN TEXT 2', '... and does what was noted');
like((worker_run($place, 'status'))[1], qr/^reason=the triggers were disabled, did nothing, or were missing for a while: .* job cancel, then run, goes through all of the table$/m, '... and says that this may not be all');
runs($place, 'one more');
like((worker_run($place, 'status'))[1], qr/^reason=the triggers were disabled/m, '... as long as nobody did something about it');
is((worker_run($place, 'cancel'))[0], 0, 'which is');
runs($place, '... to begin anew');
is(psql($place->{db}, 'SELECT count(*) FROM doc WHERE loud IS DISTINCT FROM upper(content)'), '0', '... then all is done');
is(psql($place->{db}, 'SELECT reason FROM stele.job'), '', '... and nothing to say');

done_testing();
