CREATE INDEX CONCURRENTLY ON note (author, title);
