SELECT 1;
-- +goose Up
SELECT 2;
-- +goose Down
SELECT 3;
-- +goose Down
