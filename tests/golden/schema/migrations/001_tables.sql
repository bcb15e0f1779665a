CREATE TABLE memory (id int PRIMARY KEY, embedding vector(${dim}), half halfvec(16), sparse sparsevec(1000), free vector,
    many vector(2)[], late vector(${late}));
CREATE TABLE IF NOT EXISTS document (embedding vector(12));
CREATE SCHEMA eu CREATE TABLE document (embedding vector(12));
CREATE DOMAIN place AS vector(2);
CREATE TABLE spot ("where is" place);
CREATE TABLE gone (embedding vector(1));
CREATE TEMP TABLE passing (embedding vector(1));
CREATE TABLE twin (LIKE memory INCLUDING ALL);
