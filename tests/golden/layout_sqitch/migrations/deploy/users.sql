ALTER TABLE :app.users ADD COLUMN z int;
