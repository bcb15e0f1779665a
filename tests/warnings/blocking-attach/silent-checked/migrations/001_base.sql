CREATE TABLE event (at date NOT NULL, what text) PARTITION BY RANGE (at);
CREATE TABLE event_2024 (at date NOT NULL, what text);
ALTER TABLE event_2024 ADD CONSTRAINT bounds CHECK (at >= '2024-01-01' AND at < '2025-01-01');
