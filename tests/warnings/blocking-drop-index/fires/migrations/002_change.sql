DROP INDEX note_author_idx;
drop index if exists public.note_a_idx, public.note_b_idx;
