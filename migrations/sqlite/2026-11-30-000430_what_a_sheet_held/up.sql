-- What of an imported file was read and what was not: sheets, hidden rows and columns.
ALTER TABLE import_run ADD COLUMN source TEXT NOT NULL DEFAULT '{}';
-- The unit that a monitored price is of; none where its sheet does not say.
ALTER TABLE monitored_price ADD COLUMN unit TEXT;
