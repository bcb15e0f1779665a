INSERT INTO kind (id, name) VALUES (7, 'x');
SELECT setval(pg_get_serial_sequence('kind', 'id'), 7);
