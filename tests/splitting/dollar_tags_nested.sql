DO $a$ BEGIN EXECUTE $b$ SELECT $$;$$; $b$; END; $a$; SELECT 2;
