#!/usr/bin/perl
# A sample of tests/torture/disk, which make torture tries all of.

use strict;
use warnings;

use Stele::Torture;

sample('disk');
