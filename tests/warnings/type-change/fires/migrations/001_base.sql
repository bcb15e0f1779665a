CREATE DOMAIN label AS text;
CREATE TABLE note (id bigint PRIMARY KEY, title varchar(40), tags varchar(20)[], author bigint, at timestamp, price numeric(10, 2), kind label);
