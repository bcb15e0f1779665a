SELECT '(;', "(" FROM (SELECT 1) AS v ("("); SELECT $$(($$; /* ( */ SELECT 3; -- (
SELECT 4;
