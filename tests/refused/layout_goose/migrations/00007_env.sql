-- +goose Up
-- +goose ENVSUB ON
SELECT '${WHERE}', ${WHO}, $$ ${BODY:-x} $$;
-- +goose ENVSUB OFF
SELECT '${LEFT}';
