CREATE TABLE note (at timestamp);
