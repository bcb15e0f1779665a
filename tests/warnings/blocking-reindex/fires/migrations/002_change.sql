REINDEX INDEX note_author_idx;
REINDEX TABLE note;
