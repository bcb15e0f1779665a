SET app.tenant = 'system';
SELECT 1;
