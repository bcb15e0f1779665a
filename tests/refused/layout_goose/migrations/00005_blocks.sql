-- +goose Up
-- +goose StatementEnd
-- +goose StatementBegin
SELECT 1
-- +goose StatementBegin
SELECT 2
