-- Where a session came from; a confined one may only set up the second step of the log-in.
ALTER TABLE portal_session ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE portal_session ADD COLUMN device TEXT NOT NULL DEFAULT '';
ALTER TABLE portal_session ADD COLUMN confined BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE refresh_family ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE refresh_family ADD COLUMN device TEXT NOT NULL DEFAULT '';
ALTER TABLE refresh_family ADD COLUMN last_used_at TIMESTAMP;

-- Invitations, password resets, log-ins that wait for the second step. Only hashes are kept.
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

-- The second step of the log-in. The key is the person's; the secret is sealed with the platform's key.
CREATE TABLE user_totp (
    id UUID NOT NULL PRIMARY KEY REFERENCES app_user (id),
    secret TEXT NOT NULL,
    last_step BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    confirmed_at TIMESTAMP,
    version BIGINT NOT NULL
);

CREATE TABLE recovery_code (
    user_id UUID NOT NULL REFERENCES app_user (id),
    code_hash TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP,
    PRIMARY KEY (user_id, code_hash)
);

-- A person lost the device of the second step: one asks, another confirms.
CREATE TABLE totp_reset (
    id UUID NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES app_user (id),
    organisation_id UUID NOT NULL REFERENCES organisation (id),
    reason TEXT NOT NULL,
    state TEXT NOT NULL,
    asked_by UUID NOT NULL REFERENCES app_user (id),
    asked_at TIMESTAMP NOT NULL,
    decided_by UUID REFERENCES app_user (id),
    decided_at TIMESTAMP,
    version BIGINT NOT NULL
);
CREATE INDEX totp_reset_state ON totp_reset (state, asked_at, id);
CREATE INDEX totp_reset_user ON totp_reset (user_id, state);

-- A hospital's or an enterprise's own system. Its key is that of an account nobody can log in to.
CREATE TABLE machine_client (
    id UUID NOT NULL PRIMARY KEY REFERENCES app_user (id),
    organisation_id UUID NOT NULL REFERENCES organisation (id),
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    created_by UUID NOT NULL REFERENCES app_user (id),
    created_at TIMESTAMP NOT NULL,
    rotated_at TIMESTAMP,
    last_used_at TIMESTAMP,
    revoked_at TIMESTAMP,
    version BIGINT NOT NULL
);
CREATE INDEX machine_client_organisation ON machine_client (organisation_id, created_at, id);

ALTER TABLE message ADD COLUMN kind TEXT NOT NULL DEFAULT 'notice';
ALTER TABLE message ADD COLUMN due_at TIMESTAMP;

-- What somebody does not want to get by mail as well.
CREATE TABLE mail_choice (
    user_id UUID NOT NULL REFERENCES app_user (id),
    kind TEXT NOT NULL,
    by_mail BOOLEAN NOT NULL,
    PRIMARY KEY (user_id, kind)
);
