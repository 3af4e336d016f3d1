DROP INDEX account_link_expires;
DROP INDEX account_link_subject;
CREATE INDEX account_link_subject ON account_link (subject_id);
CREATE TABLE one_time_link (
    token_hash TEXT NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL,
    user_id UUID NOT NULL REFERENCES app_user (id),
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP
);
CREATE INDEX one_time_link_user ON one_time_link (user_id, purpose, created_at);
CREATE INDEX one_time_link_expires ON one_time_link (expires_at);
INSERT INTO one_time_link (token_hash, purpose, user_id, created_at, expires_at, used_at)
SELECT token_hash, purpose, subject_id, created_at, expires_at, used_at FROM account_link
WHERE purpose IN ('invitation', 'reset', 'second_step');
DELETE FROM account_link WHERE purpose IN ('invitation', 'reset', 'second_step');
