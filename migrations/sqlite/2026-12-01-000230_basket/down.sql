DROP TABLE basket_line;
