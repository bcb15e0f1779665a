-- a  still; a comment  here;
SELECT 1; -- b;
SELECT 2;
