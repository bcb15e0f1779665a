SELECT "never closed FROM a;
