DROP TABLE listing_price;
DROP TABLE listing;
DROP TABLE product_term;
DROP TABLE search_term;
DROP TABLE mi_code;
DROP TABLE product;
DROP TABLE three_same_group;
