SELECT 1 AS U&"d!0061t;" UESCAPE '!', 2 AS u&"a""\\;"; SELECT U & "x" FROM (VALUES (1, 2)) AS v (u, x);
