ALTER TABLE monitored_price DROP COLUMN unit;
ALTER TABLE import_run DROP COLUMN source;
