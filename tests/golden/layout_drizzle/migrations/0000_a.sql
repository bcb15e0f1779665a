CREATE TABLE "a" (x int);--> statement-breakpoint
ALTER TABLE "a" ADD COLUMN y int
--> statement-breakpoint
ALTER TABLE "a" ADD COLUMN z int;
