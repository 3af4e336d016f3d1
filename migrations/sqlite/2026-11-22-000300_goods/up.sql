-- A product may be without an owner until a claim is confirmed. SQLite cannot take NOT NULL away, so the column moves.
DROP INDEX product_manufacturer;
ALTER TABLE product ADD COLUMN owner_id BLOB REFERENCES organisation (id);
UPDATE product SET owner_id = manufacturer_id;
ALTER TABLE product DROP COLUMN manufacturer_id;
ALTER TABLE product RENAME COLUMN owner_id TO manufacturer_id;
CREATE INDEX product_manufacturer ON product (manufacturer_id);
ALTER TABLE product ADD COLUMN kind TEXT NOT NULL DEFAULT 'drug';
ALTER TABLE product ADD COLUMN state TEXT NOT NULL DEFAULT 'active';
-- Names as they are registered: words to be read, never keys.
ALTER TABLE product ADD COLUMN holder TEXT;
ALTER TABLE product ADD COLUMN maker_name TEXT;
ALTER TABLE product ADD COLUMN material TEXT;
ALTER TABLE product ADD COLUMN enterprise_code TEXT;
ALTER TABLE product ADD COLUMN special_class TEXT NOT NULL DEFAULT 'none';
-- What the strength was read as; none where it could not be, and then why, until a person has looked.
ALTER TABLE product ADD COLUMN content_key TEXT;
ALTER TABLE product ADD COLUMN content_fault TEXT;
CREATE INDEX product_enterprise ON product (enterprise_code, id) WHERE enterprise_code IS NOT NULL;
CREATE INDEX product_unread ON product (id) WHERE content_fault IS NOT NULL;
CREATE INDEX product_unowned ON product (id) WHERE manufacturer_id IS NULL;

-- What old listings say beside their price: since when a pack had it and in whose name it had been raised (INJ-5.1).
ALTER TABLE pack_listing ADD COLUMN since_day DATE;
ALTER TABLE pack_listing ADD COLUMN rise_reason TEXT;

CREATE TABLE consumable (
    product_id BLOB NOT NULL PRIMARY KEY REFERENCES product (id),
    certificate TEXT NOT NULL,
    class_code TEXT NOT NULL,
    class_name TEXT,
    separately_charged BOOLEAN NOT NULL,
    has_injector BOOLEAN NOT NULL,
    additive BOOLEAN NOT NULL,
    system_name TEXT,
    component_role TEXT,
    component_qty BIGINT,
    batch_id BLOB REFERENCES import_batch (id),
    version BIGINT NOT NULL
);
CREATE INDEX consumable_batch ON consumable (batch_id) WHERE batch_id IS NOT NULL;

-- Whose an enterprise code (digits 4 to 8 of the standard code) is.
CREATE TABLE enterprise_code (
    code TEXT NOT NULL PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    organisation_id BLOB NOT NULL REFERENCES organisation (id),
    claim_id BLOB NOT NULL,
    created_at TIMESTAMP NOT NULL,
    version BIGINT NOT NULL
);
CREATE INDEX enterprise_code_organisation ON enterprise_code (organisation_id);

CREATE TABLE ownership_claim (
    id BLOB NOT NULL PRIMARY KEY,
    code TEXT NOT NULL,
    organisation_id BLOB NOT NULL REFERENCES organisation (id),
    note TEXT NOT NULL,
    state TEXT NOT NULL,
    claimed_by BLOB NOT NULL,
    claimed_name TEXT NOT NULL,
    decided_by BLOB,
    decided_name TEXT,
    decided_at TIMESTAMP,
    reason TEXT,
    created_at TIMESTAMP NOT NULL,
    version BIGINT NOT NULL
);
CREATE INDEX ownership_claim_code ON ownership_claim (code, created_at);
CREATE INDEX ownership_claim_organisation ON ownership_claim (organisation_id, created_at, id);
CREATE INDEX ownership_claim_open ON ownership_claim (created_at, id) WHERE state = 'submitted';

-- What one officer wants to change and another must confirm.
CREATE TABLE product_proposal (
    id BLOB NOT NULL PRIMARY KEY,
    product_id BLOB NOT NULL REFERENCES product (id),
    product_version BIGINT NOT NULL,
    content TEXT NOT NULL,
    reason TEXT NOT NULL,
    state TEXT NOT NULL,
    proposed_by BLOB NOT NULL,
    proposed_name TEXT NOT NULL,
    decided_by BLOB,
    decided_name TEXT,
    decided_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL,
    version BIGINT NOT NULL
);
CREATE INDEX product_proposal_product ON product_proposal (product_id, created_at);
CREATE INDEX product_proposal_open ON product_proposal (created_at, id) WHERE state = 'submitted';

-- Prices seen elsewhere (INJ-3.3); a row counts from the publication of its batch on.
CREATE TABLE monitored_price (
    id BLOB NOT NULL PRIMARY KEY,
    code TEXT NOT NULL,
    generic_name TEXT NOT NULL,
    level TEXT NOT NULL,
    brand TEXT,
    unit_price BIGINT NOT NULL,
    seen_on DATE NOT NULL,
    source TEXT NOT NULL,
    batch_id BLOB NOT NULL REFERENCES import_batch (id),
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX monitored_price_generic ON monitored_price (generic_name, seen_on);
CREATE INDEX monitored_price_code ON monitored_price (code, seen_on, source);
CREATE INDEX monitored_price_batch ON monitored_price (batch_id, id);

-- How an import goes; its key is also that of its rows and of its batch.
CREATE TABLE import_run (
    id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    file_name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    state TEXT NOT NULL,
    total BIGINT NOT NULL,
    bad BIGINT NOT NULL,
    added BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    same BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    done BIGINT NOT NULL,
    heads TEXT NOT NULL,
    error TEXT,
    created_by BLOB,
    created_name TEXT NOT NULL,
    confirmed_by BLOB,
    confirmed_name TEXT,
    created_at TIMESTAMP NOT NULL,
    touched_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP
);
CREATE INDEX import_run_created ON import_run (created_at, id);
CREATE INDEX import_run_file ON import_run (kind, sha256);
