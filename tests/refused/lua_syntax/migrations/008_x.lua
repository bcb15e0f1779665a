function up(db)
  if db then
    return 1

