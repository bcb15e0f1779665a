# A sample of tests/torture/jobs-kill: jobs of all kinds are killed, cut and starved, while somebody writes.

use strict;
use warnings;

use Stele::Torture;

sample('jobs-kill');
