CREATE TABLE event (id bigint PRIMARY KEY, payload jsonb, kind text);
