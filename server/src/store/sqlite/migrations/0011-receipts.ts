/** Long messages that a carrier has in part; reports as carriers wrote them, and those that speak of nothing we know. */
export const receipts = `
CREATE TABLE in_parts (
  plan_id INTEGER NOT NULL,
  idx INTEGER NOT NULL,
  channel_id INTEGER NOT NULL,
  reference INTEGER NOT NULL,
  round INTEGER NOT NULL,
  -- what is known of each part, as JSON
  parts TEXT NOT NULL,
  -- what was reported of a part that was not delivered, as JSON
  reported TEXT,
  PRIMARY KEY (plan_id, idx)
) WITHOUT ROWID, STRICT;

ALTER TABLE uncertain ADD COLUMN user_reference INTEGER;

-- carrier_id is the id as answers write it, written as the report has it where that is not the same
ALTER TABLE parked_receipt ADD COLUMN written TEXT;
ALTER TABLE parked_receipt ADD COLUMN repeated INTEGER NOT NULL DEFAULT 0;
ALTER TABLE parked_receipt ADD COLUMN user_reference INTEGER;
CREATE INDEX parked_receipt_recipient ON parked_receipt (recipient) WHERE repeated = 0;

CREATE TABLE orphan_report (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  channel_id INTEGER NOT NULL,
  carrier_id TEXT NOT NULL,
  recipient INTEGER,
  state TEXT NOT NULL,
  error TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;

-- a row for the reports that were recorded together; the hashes stand before the body, which is read only when they fit
CREATE TABLE report_log (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  hashes BLOB NOT NULL,
  body BLOB NOT NULL
) STRICT;
CREATE INDEX report_log_at ON report_log (at);
`;
