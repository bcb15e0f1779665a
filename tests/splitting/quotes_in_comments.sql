-- it's one; "quote
SELECT 1; /* it's; "another $$ */ SELECT 2;
-- $tag$ ;
SELECT 3;
