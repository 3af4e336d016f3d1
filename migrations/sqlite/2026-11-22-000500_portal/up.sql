-- The officers' page of refused mails, with their number in the navigation.
CREATE INDEX outbox_mail_refused ON outbox_mail (created_at, id) WHERE state = 'refused';

-- The last day of a volume-based or negotiated agreement (INJ-2.3); none for a general price.
ALTER TABLE listing ADD COLUMN agreement_until DATE;
