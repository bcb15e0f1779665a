-- stele: no-transaction
-- stele: expect rows = 1
-- stele: unparsed
UPDATE a SET x = 1;
-- stele: expect rows = 1
-- stele: expect rows = 1 if table not empty
-- stele: unparsed
