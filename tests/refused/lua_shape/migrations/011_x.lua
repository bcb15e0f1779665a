return {up = print, [1] = 2}
