UPDATE also SET embedding = NULL WHERE id = 5;
INSERT INTO also SELECT id + 1000, embedding FROM memory;
