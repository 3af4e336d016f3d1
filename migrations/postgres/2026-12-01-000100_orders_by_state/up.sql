-- The instant that decides on the period an order belongs to.
ALTER TABLE purchase_order ADD COLUMN period_at TIMESTAMP GENERATED ALWAYS AS (coalesce(submitted_at, created_at)) STORED;

-- Lists and start pages count and add up by state: what they need stands in the index.
DROP INDEX purchase_order_hospital_state;
DROP INDEX purchase_order_supplier_state;
CREATE INDEX purchase_order_state ON purchase_order (state, period_at, mark, total);
CREATE INDEX purchase_order_hospital_state ON purchase_order (hospital_id, state, period_at, mark, total);
CREATE INDEX purchase_order_supplier_state ON purchase_order (supplier_id, state, respond_by, period_at, mark, total);
CREATE INDEX purchase_order_waiting ON purchase_order (respond_by, id) WHERE state = 'submitted';

-- Products of nobody, by key, without sorting them all.
DROP INDEX product_manufacturer;
DROP INDEX product_unowned;
CREATE INDEX product_manufacturer ON product (manufacturer_id, id);
