-- A notice of the State Council on holidays: brought by one officer, put in force by a second. `slot` is its number while it
-- waits or is confirmed, so that there is one of each. Its days are words of one text.
CREATE TABLE calendar_notice (
    id BLOB NOT NULL PRIMARY KEY,
    number TEXT NOT NULL,
    issued DATE NOT NULL,
    arranges INTEGER,
    days_off TEXT NOT NULL,
    days_worked TEXT NOT NULL,
    state TEXT NOT NULL,
    slot TEXT UNIQUE,
    proposed_by BLOB NOT NULL REFERENCES app_user (id),
    proposed_by_name TEXT NOT NULL,
    proposed_at TIMESTAMP NOT NULL,
    decided_by BLOB REFERENCES app_user (id),
    decided_by_name TEXT,
    decided_at TIMESTAMP,
    reason TEXT,
    version BIGINT NOT NULL
);
CREATE INDEX calendar_notice_state ON calendar_notice (state, issued, id);
CREATE INDEX calendar_notice_proposed_by ON calendar_notice (proposed_by);
CREATE INDEX calendar_notice_decided_by ON calendar_notice (decided_by);

-- Until which day an order is delivered (JX-12); provisional while the year is not arranged.
ALTER TABLE purchase_order ADD COLUMN deliver_by DATE;
ALTER TABLE purchase_order ADD COLUMN deliver_by_provisional BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX purchase_order_provisional ON purchase_order (id) WHERE deliver_by_provisional;
