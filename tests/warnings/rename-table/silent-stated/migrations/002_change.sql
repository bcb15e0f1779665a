-- stele: expand "no program knows this table yet"
ALTER TABLE note RENAME TO remark;
