-- bye

DROP TABLE b;
