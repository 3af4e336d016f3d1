-- Entries are never rewritten: which block holds one stands in a table of its own.
CREATE TABLE audit_sealed (
    block_no BIGINT NOT NULL REFERENCES audit_block (no),
    place BIGINT NOT NULL,
    entry_id UUID NOT NULL,
    PRIMARY KEY (block_no, place)
);
CREATE TABLE audit_unsealed (
    at TIMESTAMP NOT NULL,
    id UUID NOT NULL,
    leaf_hash TEXT NOT NULL,
    PRIMARY KEY (at, id)
);
INSERT INTO audit_sealed (block_no, place, entry_id)
SELECT block_no, row_number() OVER (PARTITION BY block_no ORDER BY at, id), id
FROM audit_entry WHERE block_no IS NOT NULL;
INSERT INTO audit_unsealed (at, id, leaf_hash)
SELECT at, id, leaf_hash FROM audit_entry WHERE block_no IS NULL;
ALTER TABLE audit_entry DROP COLUMN block_no;
