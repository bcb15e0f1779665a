CREATE TABLE draft (id bigserial PRIMARY KEY);
