ALTER TABLE search_term DROP COLUMN made_as;
