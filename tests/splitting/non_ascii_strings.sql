SELECT 'été;', E'日本\';', U&'é;'; SELECT '😀;';
