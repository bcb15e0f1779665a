# A sample of tests/torture/jobs-disk: the server's disk is full while a job runs.

use strict;
use warnings;

use Stele::Torture;

sample('jobs-disk');
