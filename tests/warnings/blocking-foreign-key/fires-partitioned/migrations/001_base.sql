CREATE TABLE author (id bigint PRIMARY KEY);
CREATE TABLE event (at date, author bigint) PARTITION BY RANGE (at);
