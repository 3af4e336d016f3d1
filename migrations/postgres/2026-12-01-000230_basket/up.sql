-- What a hospital collects before it orders: drugs, and lines of lists that were not recognised, as they were written.
CREATE TABLE basket_line (
    id UUID NOT NULL PRIMARY KEY,
    hospital_id UUID NOT NULL REFERENCES organisation (id),
    place BIGINT NOT NULL,
    listing_id UUID REFERENCES listing (id),
    code TEXT,
    quantity BIGINT,
    given TEXT,
    UNIQUE (hospital_id, listing_id)
);
CREATE INDEX basket_line_place ON basket_line (hospital_id, place);
