-- All times of an order are the procedure's (legal) times; the audit holds both.
CREATE TABLE purchase_order (
    id UUID NOT NULL PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    hospital_id UUID NOT NULL REFERENCES organisation (id),
    supplier_id UUID NOT NULL REFERENCES organisation (id),
    state TEXT NOT NULL,
    address_id UUID NOT NULL,
    recipient TEXT NOT NULL,
    phone TEXT NOT NULL,
    address TEXT NOT NULL,
    wanted_on DATE NOT NULL,
    remark TEXT,
    summary TEXT NOT NULL,
    line_count INTEGER NOT NULL,
    mark TEXT NOT NULL,
    total BIGINT NOT NULL,
    legal_day DATE,
    submitted_at TIMESTAMP,
    submitted_by UUID,
    respond_by TIMESTAMP,
    next_check TIMESTAMP,
    reminded_at TIMESTAMP,
    answered_at TIMESTAMP,
    answered_by UUID,
    refusal_reason TEXT,
    cancelled_at TIMESTAMP,
    cancelled_by UUID,
    cancel_reason TEXT,
    created_by UUID NOT NULL,
    created_at TIMESTAMP NOT NULL,
    version BIGINT NOT NULL
);
CREATE INDEX purchase_order_hospital ON purchase_order (hospital_id, created_at, id);
CREATE INDEX purchase_order_supplier ON purchase_order (supplier_id, created_at, id);
CREATE INDEX purchase_order_hospital_state ON purchase_order (hospital_id, state, created_at);
CREATE INDEX purchase_order_supplier_state ON purchase_order (supplier_id, state, respond_by);
CREATE INDEX purchase_order_created ON purchase_order (created_at, id);
CREATE INDEX purchase_order_due ON purchase_order (next_check) WHERE next_check IS NOT NULL;
CREATE INDEX purchase_order_marked ON purchase_order (submitted_at, id) WHERE mark <> 'none' AND submitted_at IS NOT NULL;

CREATE TABLE order_line (
    id UUID NOT NULL PRIMARY KEY,
    order_id UUID NOT NULL REFERENCES purchase_order (id),
    line_no INTEGER NOT NULL,
    listing_id UUID NOT NULL REFERENCES listing (id),
    product_id UUID NOT NULL REFERENCES product (id),
    code TEXT NOT NULL,
    given_code TEXT,
    product_label TEXT NOT NULL,
    spec TEXT NOT NULL,
    maker TEXT NOT NULL,
    unit TEXT NOT NULL,
    quantity BIGINT NOT NULL,
    unit_price BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    mark TEXT NOT NULL,
    low BIGINT,
    ratio TEXT,
    pack_remark TEXT,
    risk_reason TEXT,
    risk_acknowledged_by UUID,
    risk_acknowledged_at TIMESTAMP,
    UNIQUE (order_id, line_no)
);
