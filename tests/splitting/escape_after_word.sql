SELECT 1 AS ae, 'a;\' AS e; SELECT 2 AS e;
