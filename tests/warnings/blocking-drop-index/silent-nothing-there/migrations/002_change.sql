DROP INDEX IF EXISTS note_name_nobody_made;
