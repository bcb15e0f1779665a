# A sample of tests/torture/jobs-takeover: frozen workers, with a lease of two seconds.

use strict;
use warnings;

use Stele::Torture;

sample('jobs-takeover');
