-- What a hospital orders again and again, under a name.
CREATE TABLE standing_list (
    id UUID NOT NULL PRIMARY KEY,
    hospital_id UUID NOT NULL REFERENCES organisation (id),
    name TEXT NOT NULL,
    line_count INTEGER NOT NULL,
    created_by UUID NOT NULL,
    created_at TIMESTAMP NOT NULL,
    version BIGINT NOT NULL,
    UNIQUE (hospital_id, name)
);

CREATE TABLE standing_line (
    list_id UUID NOT NULL REFERENCES standing_list (id),
    line_no INTEGER NOT NULL,
    listing_id UUID NOT NULL REFERENCES listing (id),
    quantity BIGINT NOT NULL,
    PRIMARY KEY (list_id, line_no)
);
