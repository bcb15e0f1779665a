return function(text, by)
  local parts = {}
  for part in text:gmatch("[^" .. by .. "]+") do parts[#parts + 1] = part end
  return parts
end
