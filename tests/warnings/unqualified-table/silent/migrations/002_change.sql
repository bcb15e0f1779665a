CREATE TABLE app.draft (id int);
CREATE TEMPORARY TABLE pile (id int);
