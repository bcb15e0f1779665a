ALTER TABLE event ADD FOREIGN KEY (author) REFERENCES author (id);
