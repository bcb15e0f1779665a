-- stele: no-transactoin
-- stele: frobnicate
-- stele:
-- stele: one-way because
-- stele: lock-timeout
-- stele: lock-timeout 5 parsecs
-- stele: statement-timeout soon
-- stele: needs
-- stele: needs vector > 0.5
-- stele: needs vector >= new
-- stele: after
-- stele: after 005, auth/003
-- stele: after x
-- stele: component 9lives
-- stele: component one
-- stele: component two
-- stele: allow drop-column
-- stele: allow drop-column "unclosed
-- stele: given schema.sql
-- stele: expect rows >= 1
-- stele: down now
SELECT 1; -- stele: unparsed
SELECT
-- stele: unparsed
1;
-- stele: down
-- stele: one-way "no"
-- stele: verify
-- stele: down
-- stele: unparsed
