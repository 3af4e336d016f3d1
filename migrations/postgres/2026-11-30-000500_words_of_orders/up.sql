-- What an order is found by: number, drugs, codes and enterprises of all its lines, folded, with pinyin initials. Orders from
-- before have no row yet; a sweep makes it.
CREATE TABLE order_words (
    order_id UUID NOT NULL PRIMARY KEY REFERENCES purchase_order (id) ON DELETE CASCADE,
    words TEXT NOT NULL,
    made_as INTEGER NOT NULL
);
