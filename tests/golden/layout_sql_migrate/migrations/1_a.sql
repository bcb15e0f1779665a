-- prose
SELECT nothing;
-- +migrate Up notransaction
CREATE TABLE a (x int);
-- +migrate Down
DROP TABLE a;
