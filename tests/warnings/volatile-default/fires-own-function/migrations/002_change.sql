ALTER TABLE note ADD COLUMN code text DEFAULT code();
