-- +goose up
CREATE TABLE b (x int);
-- +goose ENVSUB ON
INSERT INTO b SELECT ${N};
-- +goose ENVSUB OFF
INSERT INTO b SELECT length('${M}');
-- +goose down
DROP TABLE b;
