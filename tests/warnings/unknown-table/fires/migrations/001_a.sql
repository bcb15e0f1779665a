CREATE TABLE agent_memory (id bigint PRIMARY KEY);
CREATE TABLE agent (id bigint PRIMARY KEY);
