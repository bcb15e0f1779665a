if 1 then
  return { up = print }
end
