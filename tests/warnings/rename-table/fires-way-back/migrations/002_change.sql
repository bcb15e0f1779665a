ALTER TABLE note RENAME TO remark;
ALTER TABLE remark RENAME COLUMN body TO content;

-- stele: down
ALTER TABLE remark RENAME COLUMN content TO body;
ALTER TABLE remark RENAME TO note;
