/** Plans made from a file that wait to be confirmed. */
export const drafts = `
CREATE TABLE draft (
  plan_id INTEGER PRIMARY KEY,
  business_id INTEGER NOT NULL,
  -- NULL once it was confirmed
  expires_at INTEGER,
  credits INTEGER NOT NULL,
  -- what the file was found to hold, as JSON
  summary TEXT NOT NULL
) STRICT;
CREATE INDEX draft_open ON draft (expires_at, business_id) WHERE expires_at IS NOT NULL;

-- rows of the file that are not sent, some thousands of lines of CSV a row
CREATE TABLE draft_rejected (
  plan_id INTEGER NOT NULL,
  piece INTEGER NOT NULL,
  lines TEXT NOT NULL,
  PRIMARY KEY (plan_id, piece)
) WITHOUT ROWID, STRICT;
`;
