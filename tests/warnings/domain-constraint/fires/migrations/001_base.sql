CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
CREATE DOMAIN label AS text;
CREATE TABLE note (id bigint PRIMARY KEY, title varchar(40), body text, tags varchar(20)[], author bigint);
CREATE TABLE vote (stars positive);
