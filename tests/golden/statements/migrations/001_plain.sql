-- Statements as they come: with comments between, several on a line, none at all.
CREATE TABLE a (x int); CREATE TABLE b (y text);;
/* a block /* nested; */ comment; */
INSERT INTO b VALUES ('it''s; not the end'), (E'nor\'; this'), ($$nor; this$$), ($tag$nor $$; this$tag$),
    (U&'d\0061t\+000061; ' UESCAPE '\'), ('continued; '
    'here'), (E'and '
    'here\'; too'), (B'01'), (X'1F');
SELECT 1 AS "semi;colon", -1*-1 --comment; to the end of the line
  , 5 !=-1/* ; */;
CREATE RULE r AS ON INSERT TO a DO ALSO (INSERT INTO b VALUES ('1'); INSERT INTO b VALUES ('2'));
