CREATE TABLE memory (
    id        bigint PRIMARY KEY,
    content   text NOT NULL,
    embedding vector(1536),
    small     halfvec(384),
    sparse    sparsevec(1000),
    given     vector(${dim})
);
