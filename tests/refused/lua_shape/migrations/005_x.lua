function up() end return {}
