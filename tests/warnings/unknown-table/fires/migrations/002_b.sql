ALTER TABLE agent_memry ADD COLUMN fact text;
