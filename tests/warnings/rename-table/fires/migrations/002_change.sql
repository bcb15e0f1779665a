ALTER TABLE note RENAME TO remark;
ALTER TABLE author SET SCHEMA archive;
ALTER VIEW titles RENAME TO headlines;
