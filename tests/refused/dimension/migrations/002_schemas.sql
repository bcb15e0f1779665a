CREATE SCHEMA eu;
CREATE TABLE eu.page (embedding vector(3));
CREATE TABLE page (embedding vector(4));
