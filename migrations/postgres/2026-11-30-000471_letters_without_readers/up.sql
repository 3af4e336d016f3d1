-- Whose letter this is, where nobody there could get it: the agency sees it among the refused mails.
ALTER TABLE outbox_mail ADD COLUMN organisation_id UUID;
