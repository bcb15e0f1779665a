return {
  split = require "deep.split" }
