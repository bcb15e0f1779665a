ALTER TABLE note ADD COLUMN kind text NOT NULL DEFAULT 'plain';
ALTER TABLE note ADD COLUMN at timestamptz;
CREATE TABLE draft (id int);
ALTER TABLE draft ADD COLUMN kind text NOT NULL;
