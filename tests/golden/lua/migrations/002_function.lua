-- One function is up.
return function(db)
  db:exec("UPDATE event SET kind = 'none' WHERE kind IS NULL")
end
