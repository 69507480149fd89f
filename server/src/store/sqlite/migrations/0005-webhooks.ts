/** Webhooks: where businesses are told what happens, what they are owed, and the balance they want to hear of. */
export const webhooks = `
CREATE TABLE webhook (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  business_id INTEGER NOT NULL,
  url TEXT NOT NULL,
  callbacks TEXT NOT NULL,
  username TEXT NOT NULL,
  secret TEXT NOT NULL,
  authorization TEXT NOT NULL,
  description TEXT NOT NULL,
  disabled INTEGER NOT NULL DEFAULT 0,
  failures INTEGER NOT NULL DEFAULT 0,
  retry_at INTEGER,
  waiting INTEGER NOT NULL DEFAULT 0,
  -- events up to this one, and so many rows of the next, are deliveries already
  fed_event INTEGER NOT NULL,
  fed_rows INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX webhook_of_business ON webhook (business_id);

CREATE TABLE webhook_delivery (
  id INTEGER PRIMARY KEY,
  webhook_id INTEGER NOT NULL,
  state INTEGER NOT NULL DEFAULT 0,
  row_count INTEGER NOT NULL,
  try_count INTEGER NOT NULL DEFAULT 0,
  tries TEXT NOT NULL DEFAULT '[]',
  due_at INTEGER NOT NULL,
  since INTEGER NOT NULL,
  done_at INTEGER,
  -- last, since it is long and seldom read
  pieces TEXT NOT NULL
) STRICT;
CREATE INDEX webhook_delivery_of ON webhook_delivery (webhook_id, id);
CREATE INDEX webhook_delivery_waiting ON webhook_delivery (webhook_id, id) WHERE state = 0;

-- null: the business does not want to hear of it
ALTER TABLE business ADD COLUMN low_balance INTEGER;
`;
