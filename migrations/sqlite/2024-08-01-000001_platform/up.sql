CREATE TABLE setting (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE policy_version (
    digest TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    effective_from DATE NOT NULL,
    content TEXT NOT NULL,
    kept_at TIMESTAMP NOT NULL,
    UNIQUE (name, effective_from)
);

CREATE TABLE audit_block (
    no BIGINT NOT NULL PRIMARY KEY,
    prev_hash TEXT NOT NULL,
    merkle_root TEXT NOT NULL,
    entry_count BIGINT NOT NULL,
    sealed_at TIMESTAMP NOT NULL,
    hash TEXT NOT NULL
);

CREATE TABLE audit_entry (
    id BLOB NOT NULL PRIMARY KEY,
    at TIMESTAMP NOT NULL,
    legal_at TIMESTAMP,
    actor_user BLOB,
    actor_org BLOB,
    actor_name TEXT NOT NULL,
    action TEXT NOT NULL,
    object_type TEXT NOT NULL,
    object_id BLOB NOT NULL,
    before TEXT,
    after TEXT,
    reason TEXT,
    request_id TEXT,
    leaf_hash TEXT NOT NULL,
    block_no BIGINT REFERENCES audit_block (no)
);
CREATE INDEX audit_entry_unsealed ON audit_entry (at, id) WHERE block_no IS NULL;
CREATE INDEX audit_entry_block ON audit_entry (block_no);
CREATE INDEX audit_entry_object ON audit_entry (object_type, object_id, at);

CREATE TABLE idempotency (
    id BLOB NOT NULL PRIMARY KEY,
    user_id BLOB NOT NULL,
    method TEXT NOT NULL,
    route TEXT NOT NULL,
    key TEXT NOT NULL,
    body_hash TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX idempotency_created ON idempotency (created_at);

CREATE TABLE idempotency_answer (
    id BLOB NOT NULL PRIMARY KEY,
    status INTEGER NOT NULL,
    answer TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX idempotency_answer_created ON idempotency_answer (created_at);

CREATE TABLE outbox_mail (
    id BLOB NOT NULL PRIMARY KEY,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    body_text TEXT NOT NULL,
    body_html TEXT NOT NULL,
    link TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_try_at TIMESTAMP NOT NULL,
    lease_until TIMESTAMP,
    last_error TEXT,
    created_at TIMESTAMP NOT NULL,
    legal_at TIMESTAMP NOT NULL,
    sent_at TIMESTAMP
);
CREATE INDEX outbox_mail_due ON outbox_mail (next_try_at) WHERE state = 'waiting';
CREATE INDEX outbox_mail_created ON outbox_mail (created_at, id);

CREATE TABLE message (
    id BLOB NOT NULL PRIMARY KEY,
    user_id BLOB NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    link TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    legal_at TIMESTAMP NOT NULL,
    read_at TIMESTAMP
);
CREATE INDEX message_user ON message (user_id, created_at, id);

CREATE TABLE job (
    id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    dedup_key TEXT UNIQUE,
    payload TEXT NOT NULL,
    state TEXT NOT NULL,
    done BIGINT NOT NULL,
    total BIGINT,
    attempts INTEGER NOT NULL,
    run_after TIMESTAMP NOT NULL,
    lease_owner BLOB,
    lease_until TIMESTAMP,
    error TEXT,
    result TEXT,
    organisation_id BLOB,
    created_by BLOB,
    created_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP
);
CREATE INDEX job_due ON job (run_after) WHERE state = 'waiting' OR state = 'running';

CREATE TABLE staged_row (
    job_id BLOB NOT NULL,
    row_no BIGINT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (job_id, row_no)
);

CREATE TABLE stored_file (
    sha256 TEXT NOT NULL PRIMARY KEY,
    size BIGINT NOT NULL,
    media_type TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE TABLE stored_file_chunk (
    sha256 TEXT NOT NULL REFERENCES stored_file (sha256),
    n INTEGER NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (sha256, n)
);

CREATE TABLE feed_event (
    id BLOB NOT NULL PRIMARY KEY,
    position BIGINT UNIQUE,
    kind TEXT NOT NULL,
    object_type TEXT NOT NULL,
    object_id BLOB NOT NULL,
    body TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX feed_event_unplaced ON feed_event (created_at, id) WHERE position IS NULL;

CREATE TABLE feed_reader (
    event_id BLOB NOT NULL REFERENCES feed_event (id),
    organisation_id BLOB NOT NULL,
    PRIMARY KEY (organisation_id, event_id)
);
