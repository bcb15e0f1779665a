return { up = print, dwon = print }
