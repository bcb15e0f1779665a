CREATE PROCEDURE app.in_batches() LANGUAGE plpgsql AS $$
BEGIN
    LOOP
        UPDATE a SET y = 0 WHERE y IS NULL; -- COMMIT; here says nothing
        EXIT WHEN NOT FOUND;
        COMMIT;
    END LOOP;
END $$;
CREATE PROCEDURE harmless() LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE 'commit;'; END $$;
CALL in_batches();
CALL harmless();
DO $$ BEGIN PERFORM 1; ROLLBACK; END $$;
DO $$ DECLARE commit int; BEGIN commit := 1; END $$;
DO LANGUAGE plperl $$ COMMIT; $$;
