CREATE EXTENSION IF NOT EXISTS vector;

CREATE TABLE note (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text NOT NULL);

-- Beside the notes: the vector, and the hash of what it was made of.
CREATE TABLE note_vector (id bigint PRIMARY KEY, input bytea NOT NULL, embedding vector(26) NOT NULL);
