CREATE TABLE log (at timestamptz);
CREATE FUNCTION keep_log() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_regclass('log') IS NULL THEN
        EXECUTE 'CREATE TABLE log (at timestamptz)';
    END IF;
END $$;
CREATE EVENT TRIGGER keep_log ON ddl_command_end WHEN TAG IN ('CREATE VIEW') EXECUTE FUNCTION keep_log();
