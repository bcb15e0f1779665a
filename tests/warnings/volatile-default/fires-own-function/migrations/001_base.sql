CREATE FUNCTION code() RETURNS text LANGUAGE sql AS $$ SELECT md5(random()::text) $$;
CREATE TABLE note (id bigint PRIMARY KEY, title varchar(40), body text, tags varchar(20)[], author bigint);
