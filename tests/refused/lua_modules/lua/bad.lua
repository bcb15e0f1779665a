-- stele: needs vector
function up(db) end
return helper
