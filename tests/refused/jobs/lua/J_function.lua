return function(row) return row.text end
