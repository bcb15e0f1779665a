-- stele: contract "all programs are stopped for it"
ALTER TABLE note RENAME COLUMN title TO headline;
