CREATE TABLE draft (at timestamp);
