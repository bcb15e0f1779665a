CREATE TABLE copy (a text); INSERT INTO copy SELECT a FROM copy AS stdin; SELECT copy.a FROM copy; SELECT 2;
