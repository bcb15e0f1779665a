ALTER TABLE note ADD COLUMN kind label;
CREATE TABLE vote (stars positive);
ALTER TABLE vote ADD COLUMN weight positive;
