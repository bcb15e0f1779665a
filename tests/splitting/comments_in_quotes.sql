SELECT '-- no comment;', '/* nor this;';
SELECT 2 AS "-- nor; /* here";
SELECT $$ -- ; /* $$;
