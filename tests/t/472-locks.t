#!/usr/bin/perl
# Once what tests/torture/locks does several times.

use strict;
use warnings;

use Stele::Torture;

sample('locks');
