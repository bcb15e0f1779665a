function up() end
local function down() end
