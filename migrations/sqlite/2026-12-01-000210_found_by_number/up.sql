-- A pasted list names drugs by approval number, by standard code, by name and strength.
CREATE INDEX product_approval ON product (approval_no);
CREATE INDEX product_standard ON product (standard_code) WHERE standard_code IS NOT NULL;
CREATE INDEX product_content ON product (generic_name, content_key);
