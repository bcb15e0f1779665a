CREATE TABLE function (begin int, atomic int); SELECT begin atomic FROM function; SELECT 2;
