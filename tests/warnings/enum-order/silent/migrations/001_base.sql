CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE TABLE day (at date, mood mood);
