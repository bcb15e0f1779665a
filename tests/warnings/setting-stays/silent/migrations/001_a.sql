SET LOCAL app.tenant = 'system';
SET statement_timeout = '5min';
SET app.person = 'me';
SELECT 1;
RESET app.person;
