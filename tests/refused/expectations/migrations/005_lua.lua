-- stele: expect rows = 1
function up(db)
end
