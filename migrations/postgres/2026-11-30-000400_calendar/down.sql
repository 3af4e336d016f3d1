DROP INDEX purchase_order_provisional;
ALTER TABLE purchase_order DROP COLUMN deliver_by_provisional;
ALTER TABLE purchase_order DROP COLUMN deliver_by;
DROP TABLE calendar_notice;
