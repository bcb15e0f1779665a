CREATE TABLE note (id bigint);
