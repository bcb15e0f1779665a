return require "nowhere"
