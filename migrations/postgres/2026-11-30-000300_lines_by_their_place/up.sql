-- A line is found by its order and its number. Its listing and product are read in the write that keeps the line, and neither
-- is ever deleted while a line names it; asking again for each line took as long as all else in an order of 200.
CREATE TABLE order_line_placed (
    id UUID NOT NULL,
    order_id UUID NOT NULL REFERENCES purchase_order (id),
    line_no INTEGER NOT NULL,
    listing_id UUID NOT NULL,
    product_id UUID NOT NULL,
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
    PRIMARY KEY (order_id, line_no)
);
INSERT INTO order_line_placed SELECT * FROM order_line;
DROP TABLE order_line;
ALTER TABLE order_line_placed RENAME TO order_line;
