CREATE TABLE draft (title varchar(40));
