SELECT 1 -- comment;AS a; SELECT 2;
