function up() end
if up then function down() end end
