CREATE TABLE parent (id int);
CREATE TABLE child (extra int, other int, CONSTRAINT limits CHECK (extra > 0)) INHERITS (parent);
CREATE TABLE grandchild () INHERITS (child);
CREATE TABLE event (at int, CONSTRAINT event_one CHECK (at > 0)) PARTITION BY RANGE (at);
CREATE TABLE event_1 (at int, CONSTRAINT event_one CHECK (at > 0));
