-- In which form the initials of a term were made; those of an earlier one are made again by a sweep.
ALTER TABLE search_term ADD COLUMN made_as INTEGER NOT NULL DEFAULT 0;
