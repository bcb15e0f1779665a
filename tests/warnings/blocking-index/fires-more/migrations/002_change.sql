CREATE INDEX note_open_idx ON note (author) WHERE title IS NULL;
CREATE INDEX note_tags_idx ON note USING gin (tags);
CREATE INDEX note_last_idx ON note (id DESC);
CREATE INDEX note_title_idx ON note USING btree (title varchar_pattern_ops);
CREATE INDEX note_both_idx ON note (author) INCLUDE (title);
