ALTER TABLE audit_entry ADD COLUMN block_no BIGINT REFERENCES audit_block (no);
UPDATE audit_entry SET block_no = sealed.block_no FROM audit_sealed AS sealed WHERE sealed.entry_id = audit_entry.id;
CREATE INDEX audit_entry_unsealed ON audit_entry (at, id) WHERE block_no IS NULL;
CREATE INDEX audit_entry_block ON audit_entry (block_no);
DROP TABLE audit_unsealed;
DROP TABLE audit_sealed;
