DROP TABLE order_contact;
