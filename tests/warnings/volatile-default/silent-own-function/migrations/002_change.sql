ALTER TABLE note ADD COLUMN kind text DEFAULT plain();
