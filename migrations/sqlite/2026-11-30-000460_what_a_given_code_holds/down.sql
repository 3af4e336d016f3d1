ALTER TABLE order_line DROP COLUMN given_factor;
