VACUUM (FULL, ANALYZE) note;
CLUSTER note USING note_pkey;
