SELECT 'a\'; SELECT '\\', '\'; SELECT 3;
