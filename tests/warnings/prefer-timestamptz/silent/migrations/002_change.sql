CREATE TABLE draft (at timestamptz, day date);
