DROP TABLE policy_proposal;
