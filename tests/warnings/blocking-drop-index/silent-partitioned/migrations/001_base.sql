CREATE TABLE event (at date) PARTITION BY RANGE (at);
CREATE INDEX event_at ON event (at);
