# A sample of tests/torture/jobs-memory: requests for memory fail in a worker.

use strict;
use warnings;

use Stele::Torture;

sample('jobs-memory');
