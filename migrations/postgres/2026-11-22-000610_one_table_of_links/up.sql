-- One table for the links of all purposes; only hashes are kept.
INSERT INTO account_link (id, purpose, token_hash, subject_id, email, expires_at, used_at, created_at)
SELECT gen_random_uuid(), purpose, token_hash, user_id, '', expires_at, used_at, created_at FROM one_time_link;
DROP TABLE one_time_link;
DROP INDEX account_link_subject;
CREATE INDEX account_link_subject ON account_link (subject_id, purpose, created_at);
CREATE INDEX account_link_expires ON account_link (expires_at);
