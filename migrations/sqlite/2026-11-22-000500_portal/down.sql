ALTER TABLE listing DROP COLUMN agreement_until;
DROP INDEX outbox_mail_refused;
