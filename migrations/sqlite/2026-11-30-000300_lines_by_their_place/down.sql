CREATE TABLE order_line_keyed (
    id BLOB NOT NULL PRIMARY KEY,
    order_id BLOB NOT NULL REFERENCES purchase_order (id),
    line_no INTEGER NOT NULL,
    listing_id BLOB NOT NULL REFERENCES listing (id),
    product_id BLOB NOT NULL REFERENCES product (id),
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
    risk_acknowledged_by BLOB,
    risk_acknowledged_at TIMESTAMP,
    UNIQUE (order_id, line_no)
);
INSERT INTO order_line_keyed SELECT * FROM order_line;
DROP TABLE order_line;
ALTER TABLE order_line_keyed RENAME TO order_line;
