CREATE TABLE import_batch (
    id UUID NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    row_count BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    published_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE three_same_group (
    id UUID NOT NULL PRIMARY KEY,
    generic_name TEXT NOT NULL,
    brand TEXT NOT NULL,
    content TEXT NOT NULL,
    batch_id UUID REFERENCES import_batch (id),
    created_at TIMESTAMP NOT NULL,
    version BIGINT NOT NULL,
    UNIQUE (generic_name, brand, content)
);

CREATE TABLE product (
    id UUID NOT NULL PRIMARY KEY,
    generic_name TEXT NOT NULL,
    trade_name TEXT,
    brand TEXT NOT NULL,
    manufacturer_id UUID NOT NULL REFERENCES organisation (id),
    dosage_form TEXT NOT NULL,
    dosage_class TEXT NOT NULL,
    strength TEXT NOT NULL,
    fill_volume TEXT,
    unit TEXT NOT NULL,
    pack_qty BIGINT NOT NULL,
    pack_unit TEXT NOT NULL,
    approval_no TEXT NOT NULL,
    standard_code TEXT,
    quality_level TEXT NOT NULL,
    group_id UUID REFERENCES three_same_group (id),
    comparable_key TEXT NOT NULL,
    sort_key TEXT COLLATE "C" NOT NULL,
    batch_id UUID REFERENCES import_batch (id),
    created_at TIMESTAMP NOT NULL,
    version BIGINT NOT NULL
);
CREATE INDEX product_comparable ON product (comparable_key);
CREATE INDEX product_group ON product (group_id);
CREATE INDEX product_manufacturer ON product (manufacturer_id);
CREATE INDEX product_sort ON product (sort_key, id);
CREATE INDEX product_batch ON product (batch_id, id) WHERE batch_id IS NOT NULL;

CREATE TABLE mi_code (
    code TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    id UUID NOT NULL UNIQUE,
    product_id UUID NOT NULL REFERENCES product (id),
    state TEXT NOT NULL,
    disabled_from DATE,
    replaced_by TEXT,
    factor BIGINT NOT NULL,
    batch_id UUID REFERENCES import_batch (id),
    created_at TIMESTAMP NOT NULL,
    version BIGINT NOT NULL
);
CREATE INDEX mi_code_product ON mi_code (product_id);

-- The key is the first 64 bits of the SHA-256 of kind and text, so that bulk loads need no look-up.
CREATE TABLE search_term (
    id BIGINT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    initials TEXT NOT NULL,
    product_count BIGINT NOT NULL
);

-- Each row also holds the product's other terms, so that a search with several words never has to look at the product.
CREATE TABLE product_term (
    term_id BIGINT NOT NULL,
    sort_key TEXT COLLATE "C" NOT NULL,
    product_id UUID NOT NULL,
    generic_term BIGINT NOT NULL,
    trade_term BIGINT NOT NULL,
    brand_term BIGINT NOT NULL,
    maker_term BIGINT NOT NULL,
    PRIMARY KEY (term_id, sort_key, product_id)
);
CREATE INDEX product_term_product ON product_term (product_id);

CREATE TABLE listing (
    id UUID NOT NULL PRIMARY KEY,
    product_id UUID NOT NULL UNIQUE REFERENCES product (id),
    code TEXT NOT NULL,
    state TEXT NOT NULL,
    price_source TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    version BIGINT NOT NULL
);

CREATE TABLE listing_price (
    id UUID NOT NULL PRIMARY KEY,
    listing_id UUID NOT NULL REFERENCES listing (id),
    from_day DATE NOT NULL,
    unit_price BIGINT NOT NULL,
    mark TEXT NOT NULL,
    low BIGINT,
    ratio TEXT,
    reason TEXT NOT NULL,
    explanation TEXT NOT NULL,
    policy_digest TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (listing_id, from_day)
);

-- What was listed by the pack before the switch (INJ-1.2): kept, never listed again.
CREATE TABLE pack_listing (
    id UUID NOT NULL PRIMARY KEY,
    listing_id UUID NOT NULL REFERENCES listing (id),
    line_no INTEGER NOT NULL,
    code TEXT NOT NULL,
    pack_qty BIGINT NOT NULL,
    pack_unit TEXT NOT NULL,
    pack_price BIGINT NOT NULL,
    basis TEXT NOT NULL,
    unit_price BIGINT NOT NULL,
    branch TEXT NOT NULL,
    superseded_on DATE NOT NULL,
    UNIQUE (listing_id, line_no)
);
