VACUUM (ANALYZE) note;
VACUUM (FULL false) note;
