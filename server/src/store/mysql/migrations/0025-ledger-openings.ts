/** What businesses had when a month (of UTC) began: entries of the months before need not be added up again. */
export const ledgerOpenings = (table: string): readonly string[] => [
  `CREATE TABLE ledger_opening (
     business_id BIGINT NOT NULL,
     at BIGINT NOT NULL,
     available BIGINT NOT NULL,
     reserved BIGINT NOT NULL,
     PRIMARY KEY (business_id, at)
   ) ${table}`,
];
