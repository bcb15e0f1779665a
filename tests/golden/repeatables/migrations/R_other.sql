-- stele: component other
-- stele: after main/R_total, main/002, away/7
BEGIN;
CREATE OR REPLACE FUNCTION nothing() RETURNS int LANGUAGE sql AS 'SELECT 1';
COMMIT;
