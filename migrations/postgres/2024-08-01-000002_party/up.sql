CREATE TABLE organisation (
    id UUID NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    credit_code TEXT NOT NULL UNIQUE,
    city TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    version BIGINT NOT NULL
);
CREATE INDEX organisation_kind ON organisation (kind, name, id);

CREATE TABLE app_user (
    id UUID NOT NULL PRIMARY KEY,
    organisation_id UUID NOT NULL REFERENCES organisation (id),
    login TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    email TEXT NOT NULL,
    function TEXT NOT NULL,
    state TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    stamp UUID NOT NULL,
    created_at TIMESTAMP NOT NULL,
    version BIGINT NOT NULL
);
CREATE INDEX app_user_organisation ON app_user (organisation_id, login);

CREATE TABLE portal_session (
    token_hash TEXT NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES app_user (id),
    stamp UUID NOT NULL,
    form_token TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    last_seen_at TIMESTAMP NOT NULL,
    revoked_at TIMESTAMP
);
CREATE INDEX portal_session_user ON portal_session (user_id);

CREATE INDEX portal_session_created ON portal_session (created_at);

-- What somebody typed into a long form and has not sent yet. Never a secret.
CREATE TABLE kept_form (
    user_id UUID NOT NULL REFERENCES app_user (id),
    key TEXT NOT NULL,
    content TEXT NOT NULL,
    saved_at TIMESTAMP NOT NULL,
    PRIMARY KEY (user_id, key)
);
CREATE INDEX kept_form_saved ON kept_form (saved_at);

CREATE TABLE login_attempt (
    login_hash TEXT NOT NULL PRIMARY KEY,
    failed_count INTEGER NOT NULL,
    last_failed_at TIMESTAMP NOT NULL,
    locked_until TIMESTAMP
);
CREATE INDEX login_attempt_last ON login_attempt (last_failed_at);

CREATE TABLE refresh_family (
    id UUID NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES app_user (id),
    stamp UUID NOT NULL,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    revoked_at TIMESTAMP
);
CREATE INDEX refresh_family_user ON refresh_family (user_id);
CREATE INDEX refresh_family_expires ON refresh_family (expires_at);

CREATE TABLE refresh_token (
    token_hash TEXT NOT NULL PRIMARY KEY,
    family_id UUID NOT NULL REFERENCES refresh_family (id),
    issued_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP
);
CREATE INDEX refresh_token_family ON refresh_token (family_id);

CREATE TABLE delivery_address (
    id UUID NOT NULL PRIMARY KEY,
    organisation_id UUID NOT NULL REFERENCES organisation (id),
    recipient TEXT NOT NULL,
    phone TEXT NOT NULL,
    address TEXT NOT NULL,
    is_default BOOLEAN NOT NULL,
    created_at TIMESTAMP NOT NULL,
    version BIGINT NOT NULL
);
CREATE INDEX delivery_address_organisation ON delivery_address (organisation_id, created_at, id);

CREATE TABLE distributor_appointment (
    id UUID NOT NULL PRIMARY KEY,
    manufacturer_id UUID NOT NULL REFERENCES organisation (id),
    distributor_id UUID NOT NULL REFERENCES organisation (id),
    ended_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL,
    version BIGINT NOT NULL,
    UNIQUE (manufacturer_id, distributor_id)
);
CREATE INDEX distributor_appointment_distributor ON distributor_appointment (distributor_id);
