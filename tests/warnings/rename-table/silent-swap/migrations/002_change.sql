ALTER TABLE note RENAME TO note_old;
ALTER TABLE note_new RENAME TO note;
