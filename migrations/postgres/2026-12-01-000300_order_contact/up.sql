-- Whom the other side of an order calls. One an organisation; without a row it has named nobody yet.
CREATE TABLE order_contact (
    id UUID NOT NULL PRIMARY KEY REFERENCES organisation (id),
    name TEXT NOT NULL,
    phone TEXT NOT NULL,
    version BIGINT NOT NULL
);
