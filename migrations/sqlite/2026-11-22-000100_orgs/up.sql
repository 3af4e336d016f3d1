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
