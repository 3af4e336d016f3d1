-- Prices that an officer proposed and another one confirms (INJ-4.2).
CREATE TABLE price_proposal (
    id UUID NOT NULL PRIMARY KEY,
    listing_id UUID NOT NULL REFERENCES listing (id),
    listing_version BIGINT NOT NULL,
    unit_price BIGINT NOT NULL,
    from_day DATE NOT NULL,
    reason TEXT NOT NULL,
    state TEXT NOT NULL,
    proposed_by UUID NOT NULL,
    proposed_name TEXT NOT NULL,
    decided_by UUID,
    decided_name TEXT,
    decided_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL,
    version BIGINT NOT NULL
);
CREATE INDEX price_proposal_listing ON price_proposal (listing_id, created_at);
CREATE UNIQUE INDEX price_proposal_open ON price_proposal (listing_id) WHERE state = 'submitted';
CREATE INDEX price_proposal_waiting ON price_proposal (created_at, id) WHERE state = 'submitted';
