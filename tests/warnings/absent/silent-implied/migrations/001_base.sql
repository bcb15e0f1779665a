CREATE TABLE note (id serial PRIMARY KEY, author int);
CREATE INDEX note_author ON note (author);
CREATE TABLE event (at date NOT NULL, note int) PARTITION BY RANGE (at);
CREATE TABLE event_2026 PARTITION OF event FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE INDEX event_2026_note_idx ON event_2026 (note);
CREATE TABLE copy (LIKE note INCLUDING INDEXES);
