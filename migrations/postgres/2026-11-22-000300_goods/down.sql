DROP TABLE import_run;
DROP TABLE monitored_price;
DROP TABLE product_proposal;
DROP TABLE ownership_claim;
DROP TABLE enterprise_code;
DROP TABLE consumable;
DROP INDEX product_unowned;
DROP INDEX product_unread;
DROP INDEX product_enterprise;
ALTER TABLE product DROP COLUMN content_fault;
ALTER TABLE product DROP COLUMN content_key;
ALTER TABLE product DROP COLUMN special_class;
ALTER TABLE product DROP COLUMN enterprise_code;
ALTER TABLE product DROP COLUMN material;
ALTER TABLE product DROP COLUMN maker_name;
ALTER TABLE product DROP COLUMN holder;
ALTER TABLE product DROP COLUMN state;
ALTER TABLE product DROP COLUMN kind;
-- The column keeps allowing NULL: rows without an owner may be there.
