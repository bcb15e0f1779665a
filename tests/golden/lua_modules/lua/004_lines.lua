function up(db) return require [[text]].words(""), require 'lines' end
