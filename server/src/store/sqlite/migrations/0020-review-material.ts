/** What reviewers look at: the last approved version of what waits, and pictures given as proofs. */
export const reviewMaterial = `
CREATE TABLE approved_version (
  -- domain/review.ts
  kind INTEGER NOT NULL,
  item_id INTEGER NOT NULL,
  version INTEGER NOT NULL,
  body TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (kind, item_id)
) WITHOUT ROWID, STRICT;

CREATE TABLE picture (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  business_id INTEGER NOT NULL,
  type TEXT NOT NULL,
  octets BLOB NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX picture_of_business ON picture (business_id);
`;
