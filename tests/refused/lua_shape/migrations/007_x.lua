function up() end
function up() end
