-- stele: expect rows >= 1 if table not empty
UPDATE memory SET content = trim(content) WHERE content LIKE ' %';
-- stele: expect rows >= 0
UPDATE memory SET content = trim(content) WHERE content LIKE ' %';
-- stele: expect rows <= 3
DELETE FROM memory WHERE id < 4;
-- stele: expect rows = 1
UPDATE filled SET content = 'two' WHERE id = 1;
-- stele: expect rows = (SELECT count(*) FROM memory)
UPDATE memory SET content = 'two' WHERE id > 0;
-- stele: expect rows >= 1
UPDATE elsewhere SET content = 'two' WHERE id > 0;
