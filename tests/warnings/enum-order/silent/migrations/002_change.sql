ALTER TYPE mood ADD VALUE 'fair' BEFORE 'bad';
CREATE TYPE tone AS ENUM ('low');
ALTER TYPE tone ADD VALUE 'high';
