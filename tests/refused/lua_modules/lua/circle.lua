return require "round"
