-- stele: expect rows >= 1
UPDATE memory SET content = trim(content) WHERE content LIKE ' %';
-- stele: expect rows = 3
DELETE FROM memory WHERE id < 4;
