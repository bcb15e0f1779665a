CREATE TABLE room (during tsrange);
