CREATE TABLE desk (during tsrange);
ALTER TABLE desk ADD EXCLUDE USING gist (during WITH &&);
