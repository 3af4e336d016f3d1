-- A file that somebody handed in: for what, and whose it is. Without an owner it belongs to what it was handed in for.
CREATE TABLE attachment (
    id UUID NOT NULL PRIMARY KEY,
    owner_id UUID REFERENCES organisation (id),
    subject_type TEXT NOT NULL,
    subject_id UUID NOT NULL,
    sha256 TEXT NOT NULL REFERENCES stored_file (sha256),
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    created_by UUID,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX attachment_subject ON attachment (subject_type, subject_id, created_at, id);
CREATE INDEX attachment_owner ON attachment (owner_id, created_at, id);
CREATE INDEX attachment_sha256 ON attachment (sha256);
