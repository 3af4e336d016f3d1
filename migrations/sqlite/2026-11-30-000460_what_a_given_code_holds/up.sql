-- An order line that was given by the code of a pack keeps how many units that pack holds.
ALTER TABLE order_line ADD COLUMN given_factor BIGINT;
