#!/usr/bin/perl
# A sample of tests/torture/memory, which make torture tries all of, with a sanitizer.

use strict;
use warnings;

use Stele::Torture;

sample('memory');
