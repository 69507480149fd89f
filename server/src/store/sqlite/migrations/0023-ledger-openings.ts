/** What businesses had when a month (of UTC) began: entries of the months before need not be added up again. */
export const ledgerOpenings = `
CREATE TABLE ledger_opening (
  business_id INTEGER NOT NULL,
  at INTEGER NOT NULL,
  available INTEGER NOT NULL,
  reserved INTEGER NOT NULL,
  PRIMARY KEY (business_id, at)
) STRICT, WITHOUT ROWID;
`;
