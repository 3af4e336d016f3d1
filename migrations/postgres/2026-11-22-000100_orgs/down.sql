DROP TABLE announcement;
DROP TABLE account_link;
DROP TABLE registration;
DROP INDEX organisation_name;
ALTER TABLE organisation DROP COLUMN state_reason;
ALTER TABLE organisation DROP COLUMN district;
ALTER TABLE organisation DROP COLUMN other_kinds;
DROP TABLE attachment;
