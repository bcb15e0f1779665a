CREATE TABLE event (at date, what text) PARTITION BY RANGE (at);
