-- stele: after R_total, 001
-- stele: after other/R_other
CREATE OR REPLACE VIEW latest AS SELECT * FROM total;
-- stele: verify
SELECT count(*) >= 0 FROM latest;
