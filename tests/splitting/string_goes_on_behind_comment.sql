SELECT 'a;' -- it's; white space
'b;'; SELECT E'a' -- it's
 'b\'; c';
