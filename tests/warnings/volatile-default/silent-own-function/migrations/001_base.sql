CREATE FUNCTION plain() RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'plain' $$;
CREATE TABLE note (id bigint PRIMARY KEY, title varchar(40), body text, tags varchar(20)[], author bigint);
