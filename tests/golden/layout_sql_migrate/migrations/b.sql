-- +migrate Up
CREATE TABLE b (x int);
-- +migrate StatementBegin
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'
-- +migrate StatementEnd
