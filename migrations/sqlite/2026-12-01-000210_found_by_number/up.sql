-- A pasted list names drugs by approval number and standard code.
CREATE INDEX product_approval ON product (approval_no);
CREATE INDEX product_standard ON product (standard_code) WHERE standard_code IS NOT NULL;
