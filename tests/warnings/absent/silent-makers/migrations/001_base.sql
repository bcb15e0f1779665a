CREATE TABLE month (first date);
CREATE FUNCTION make_month() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TABLE IF NOT EXISTS %I (at date)', 'month_' || to_char(NEW.first, 'YYYYMM'));
    RETURN NEW;
END $$;
CREATE TRIGGER make_month AFTER INSERT ON month FOR EACH ROW EXECUTE FUNCTION make_month();
CREATE TABLE month_202601 (at date);
