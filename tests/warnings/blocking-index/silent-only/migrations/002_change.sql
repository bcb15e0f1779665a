CREATE INDEX event_at_idx ON ONLY event (at);
