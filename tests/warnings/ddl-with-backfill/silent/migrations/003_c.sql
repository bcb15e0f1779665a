ALTER TABLE memory ADD COLUMN b int;
UPDATE other SET content = 'x' WHERE id = 5;
DELETE FROM other WHERE content IN ('x', 'y');
INSERT INTO other VALUES (7, 'z');
INSERT INTO other SELECT 8, o.content FROM other o WHERE o.id = 7;
