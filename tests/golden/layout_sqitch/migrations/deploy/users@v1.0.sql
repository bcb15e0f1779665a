BEGIN; CREATE TABLE :app.users (x int, y int[] DEFAULT '{1}'); SELECT y[1:1]::text FROM :app.users; COMMIT;
