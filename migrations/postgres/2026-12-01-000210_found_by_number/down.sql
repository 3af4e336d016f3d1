DROP INDEX product_content;
DROP INDEX product_standard;
DROP INDEX product_approval;
