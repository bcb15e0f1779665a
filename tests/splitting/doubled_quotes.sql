SELECT 'it''s; one', ''';''', '''', '';
SELECT ''';';
