-- A file that somebody handed in: for what, and whose it is. Without an owner it belongs to what it was handed in for.
CREATE TABLE attachment (
    id BLOB NOT NULL PRIMARY KEY,
    owner_id BLOB REFERENCES organisation (id),
    subject_type TEXT NOT NULL,
    subject_id BLOB NOT NULL,
    sha256 TEXT NOT NULL REFERENCES stored_file (sha256),
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    created_by BLOB,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX attachment_subject ON attachment (subject_type, subject_id, created_at, id);
CREATE INDEX attachment_owner ON attachment (owner_id, created_at, id);
CREATE INDEX attachment_sha256 ON attachment (sha256);

-- Further kinds as words, the county or district, why it may not act.
ALTER TABLE organisation ADD COLUMN other_kinds TEXT NOT NULL DEFAULT '';
ALTER TABLE organisation ADD COLUMN district TEXT NOT NULL DEFAULT '';
ALTER TABLE organisation ADD COLUMN state_reason TEXT;
CREATE INDEX organisation_name ON organisation (name, id);

-- An application to take part, by somebody without an account.
CREATE TABLE registration (
    id BLOB NOT NULL PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    name TEXT NOT NULL,
    credit_code TEXT NOT NULL,
    kind TEXT NOT NULL,
    other_kinds TEXT NOT NULL,
    city TEXT NOT NULL,
    district TEXT NOT NULL,
    address TEXT NOT NULL,
    contact_name TEXT NOT NULL,
    phone TEXT NOT NULL,
    email TEXT NOT NULL,
    statement TEXT NOT NULL,
    submitted_by BLOB,
    submitted_at TIMESTAMP,
    reviewer_id BLOB,
    reviewed_at TIMESTAMP,
    second_id BLOB,
    decided_at TIMESTAMP,
    officer_words TEXT,
    organisation_id BLOB REFERENCES organisation (id),
    created_at TIMESTAMP NOT NULL,
    version BIGINT NOT NULL
);
CREATE INDEX registration_credit_code ON registration (credit_code);
CREATE INDEX registration_state ON registration (state, submitted_at, id);

-- Links sent by mail; only the hash is kept.
CREATE TABLE account_link (
    id BLOB NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    subject_id BLOB NOT NULL,
    email TEXT NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX account_link_subject ON account_link (subject_id);

CREATE TABLE announcement (
    id BLOB NOT NULL PRIMARY KEY,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    published_by BLOB NOT NULL,
    publisher TEXT NOT NULL,
    published_at TIMESTAMP NOT NULL,
    withdrawn_at TIMESTAMP,
    withdrawn_reason TEXT,
    created_at TIMESTAMP NOT NULL,
    version BIGINT NOT NULL
);
CREATE INDEX announcement_published ON announcement (published_at, id);
