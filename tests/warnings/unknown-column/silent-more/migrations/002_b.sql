CREATE TABLE config (name text);
CREATE FUNCTION add_column() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE parent ADD COLUMN %I text', NEW.name);
    RETURN NEW;
END $$;
CREATE TRIGGER add_column AFTER INSERT ON config FOR EACH ROW EXECUTE FUNCTION add_column();
INSERT INTO config VALUES ('colour');
ALTER TABLE parent ALTER COLUMN colour SET NOT NULL;
