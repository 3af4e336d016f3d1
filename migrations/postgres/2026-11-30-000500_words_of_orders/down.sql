DROP TABLE order_words;
