-- café 日本 😀 ??/ ??? \ \n "quoted" 	tab  control 
SELECT 'café' AS "日*/x", '??=';SELECT 2 /* a*/;
-- no line end