SELECT ';'; SELECT 2;
