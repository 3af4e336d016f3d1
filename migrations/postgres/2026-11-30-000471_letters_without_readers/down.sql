ALTER TABLE outbox_mail DROP COLUMN organisation_id;
