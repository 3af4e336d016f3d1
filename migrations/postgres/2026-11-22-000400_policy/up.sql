-- A new version of the province's rules: brought by one officer, put in force by a second. `slot` is the version's name while
-- it waits or is confirmed, so that there is one of each.
CREATE TABLE policy_proposal (
    id UUID NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    effective_from DATE NOT NULL,
    text TEXT NOT NULL,
    digest TEXT NOT NULL,
    note TEXT NOT NULL,
    state TEXT NOT NULL,
    slot TEXT UNIQUE,
    proposed_by UUID NOT NULL REFERENCES app_user (id),
    proposed_by_name TEXT NOT NULL,
    proposed_at TIMESTAMP NOT NULL,
    decided_by UUID REFERENCES app_user (id),
    decided_by_name TEXT,
    decided_at TIMESTAMP,
    reason TEXT,
    version BIGINT NOT NULL
);
CREATE INDEX policy_proposal_state ON policy_proposal (state, proposed_at, id);
CREATE INDEX policy_proposal_proposed_by ON policy_proposal (proposed_by);
CREATE INDEX policy_proposal_decided_by ON policy_proposal (decided_by);
