CREATE TABLE draft (a int);
ALTER TABLE draft RENAME TO sketch;
ALTER TABLE note RENAME TO remark;
CREATE VIEW note AS SELECT * FROM remark;
ALTER INDEX author_pkey RENAME TO author_key;
ALTER TABLE author_id_seq RENAME TO writer_id_seq;
