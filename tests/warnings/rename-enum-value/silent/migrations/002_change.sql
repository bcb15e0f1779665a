ALTER TYPE mood ADD VALUE 'poor';
CREATE TYPE tone AS ENUM ('low');
ALTER TYPE tone RENAME VALUE 'low' TO 'deep';
