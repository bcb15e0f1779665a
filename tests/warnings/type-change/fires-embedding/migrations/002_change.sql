ALTER TABLE memory ALTER COLUMN embedding TYPE real[] USING embedding::real[];
