CREATE INDEX "Note_Title" ON "Note" ("Title");
