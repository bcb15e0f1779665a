SELECT set_config('search_path', 'public', false);
ALTER TABLE kind ADD COLUMN size int;
