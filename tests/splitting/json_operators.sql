SELECT '{"a": 1}'::jsonb ? 'a', '{}'::jsonb @> '{}'; SELECT '[1]'::json #>> '{0}', '[1]'::json->0;
