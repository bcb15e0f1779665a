SELECT 1; -- +goose Down, or migrate:down, is no mark here
