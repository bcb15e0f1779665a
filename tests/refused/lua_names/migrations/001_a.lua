local conut = 1

function up(db)
  print(cuont, prin, whatever, whatever)
  total = conut
  total = total + 1
  function helper() end
  local when = os.time() + os.time()
  io.write(string.dump(up), string.fromat("%d", 1), math.pow(2, 3), table["getn"]({}))
  _ENV = {}
  _G.x = 1
  local f = load("return 1")
  string.trim = nil
  for row in db:rows("SELECT 1") do print(rwo.id) end
  pcall(require, "text")
  require(db)
  return unpack, utf8.chars, json.parse, coroutine.wrap, row
end

function donw(db) end
verify(up)
