-- Entries are never rewritten: which block holds one stands in a table of its own.
CREATE TABLE audit_sealed (
    block_no BIGINT NOT NULL REFERENCES audit_block (no),
    place BIGINT NOT NULL,
    entry_id BLOB NOT NULL,
    PRIMARY KEY (block_no, place)
) WITHOUT ROWID;
CREATE TABLE audit_unsealed (
    at TIMESTAMP NOT NULL,
    id BLOB NOT NULL,
    leaf_hash TEXT NOT NULL,
    PRIMARY KEY (at, id)
) WITHOUT ROWID;
INSERT INTO audit_sealed (block_no, place, entry_id)
SELECT block_no, row_number() OVER (PARTITION BY block_no ORDER BY at, id), id
FROM audit_entry WHERE block_no IS NOT NULL;
INSERT INTO audit_unsealed (at, id, leaf_hash)
SELECT at, id, leaf_hash FROM audit_entry WHERE block_no IS NULL;
CREATE TABLE audit_entry_unmarked (
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
    leaf_hash TEXT NOT NULL
);
INSERT INTO audit_entry_unmarked
SELECT id, at, legal_at, actor_user, actor_org, actor_name, action, object_type, object_id, before, after, reason, request_id, leaf_hash
FROM audit_entry;
DROP TABLE audit_entry;
ALTER TABLE audit_entry_unmarked RENAME TO audit_entry;
CREATE INDEX audit_entry_object ON audit_entry (object_type, object_id, at);
