DROP TABLE price_proposal;
