/**
 * The first schema. Times are milliseconds since 1970; states, kinds and categories are the codes of `domain/`.
 * Tables that grow with traffic are keyed by time-ordered ids, so that rows are appended: an index on random keys would
 * slow every insert once it outgrows memory.
 */
export const first = `
CREATE TABLE installation (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID, STRICT;

CREATE TABLE business (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  suspended INTEGER NOT NULL DEFAULT 0,
  admin INTEGER NOT NULL,
  password_hash TEXT NOT NULL,
  default_country TEXT NOT NULL,
  available INTEGER NOT NULL DEFAULT 0 CHECK (available >= 0),
  reserved INTEGER NOT NULL DEFAULT 0 CHECK (reserved >= 0),
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE credential (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  business_id INTEGER NOT NULL,
  key TEXT NOT NULL UNIQUE,
  secret_hash BLOB NOT NULL,
  description TEXT NOT NULL,
  permissions TEXT NOT NULL,
  disabled INTEGER NOT NULL DEFAULT 0,
  expires_at INTEGER,
  allowed_addresses TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX credential_of_business ON credential (business_id);

CREATE TABLE signature (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  business_id INTEGER NOT NULL,
  text TEXT NOT NULL,
  source TEXT NOT NULL,
  pics TEXT NOT NULL,
  review INTEGER NOT NULL,
  reject_reason TEXT NOT NULL,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  deleted_at INTEGER
) STRICT;
CREATE INDEX signature_of_business ON signature (business_id) WHERE deleted_at IS NULL;
CREATE INDEX signature_pending ON signature (id) WHERE deleted_at IS NULL AND review = 1;

CREATE TABLE template (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  business_id INTEGER NOT NULL,
  signature_id INTEGER,
  placement INTEGER NOT NULL,
  name TEXT NOT NULL,
  text TEXT NOT NULL,
  category INTEGER NOT NULL,
  description TEXT NOT NULL,
  country_codes TEXT NOT NULL,
  review INTEGER NOT NULL,
  reject_reason TEXT NOT NULL,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  deleted_at INTEGER
) STRICT;
CREATE INDEX template_of_business ON template (business_id) WHERE deleted_at IS NULL;
CREATE INDEX template_of_signature ON template (signature_id) WHERE deleted_at IS NULL;
CREATE INDEX template_pending ON template (id) WHERE deleted_at IS NULL AND review = 1;

CREATE TABLE content (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  template_text TEXT NOT NULL,
  signature_text TEXT NOT NULL,
  placement INTEGER NOT NULL,
  category INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE plan (
  id INTEGER PRIMARY KEY,
  uuid TEXT,
  business_id INTEGER NOT NULL,
  dialect INTEGER NOT NULL,
  name TEXT NOT NULL,
  category INTEGER NOT NULL,
  template_id INTEGER NOT NULL,
  signature_id INTEGER,
  content_id INTEGER NOT NULL,
  state INTEGER NOT NULL,
  total INTEGER NOT NULL,
  accepted INTEGER NOT NULL,
  left INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  done_at INTEGER
) STRICT;
CREATE INDEX plan_of_business ON plan (business_id, id);
-- staged, pending, running, paused: small however many plans there have been
CREATE INDEX plan_open ON plan (category, id) WHERE state IN (0, 1, 2, 3);

CREATE TABLE message (
  plan_id INTEGER NOT NULL,
  idx INTEGER NOT NULL,
  recipient INTEGER NOT NULL,
  state INTEGER NOT NULL,
  segments INTEGER NOT NULL,
  reserved INTEGER NOT NULL,
  settled INTEGER NOT NULL DEFAULT 0,
  released INTEGER NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0,
  repeats INTEGER NOT NULL DEFAULT 0,
  repeating INTEGER NOT NULL DEFAULT 0,
  delivered_parts INTEGER NOT NULL DEFAULT 0,
  channel_id INTEGER,
  dispatched_at INTEGER,
  submitted_at INTEGER,
  final_at INTEGER,
  error TEXT,
  carrier_ids TEXT,
  parameters TEXT,
  PRIMARY KEY (plan_id, idx)
) WITHOUT ROWID, STRICT;

-- second and later attempts; the first stands in the message
CREATE TABLE attempt (
  plan_id INTEGER NOT NULL,
  idx INTEGER NOT NULL,
  number INTEGER NOT NULL,
  channel_id INTEGER NOT NULL,
  opened_at INTEGER NOT NULL,
  repeat INTEGER NOT NULL,
  PRIMARY KEY (plan_id, idx, number)
) WITHOUT ROWID, STRICT;

-- the carrier's ids of a run of messages, in order; those of a message alone stand in its row
CREATE TABLE submission (
  plan_id INTEGER NOT NULL,
  from_idx INTEGER NOT NULL,
  to_idx INTEGER NOT NULL,
  parts INTEGER NOT NULL,
  channel_id INTEGER NOT NULL,
  carrier_ids TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (plan_id, from_idx, at)
) WITHOUT ROWID, STRICT;

CREATE TABLE retry (
  plan_id INTEGER NOT NULL,
  idx INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  PRIMARY KEY (plan_id, idx)
) WITHOUT ROWID, STRICT;
CREATE INDEX retry_due ON retry (due_at);

CREATE TABLE uncertain (
  plan_id INTEGER NOT NULL,
  idx INTEGER NOT NULL,
  channel_id INTEGER NOT NULL,
  recipient INTEGER NOT NULL,
  since INTEGER NOT NULL,
  repeats INTEGER NOT NULL,
  decide_at INTEGER NOT NULL,
  PRIMARY KEY (plan_id, idx)
) WITHOUT ROWID, STRICT;
CREATE INDEX uncertain_due ON uncertain (decide_at);
CREATE INDEX uncertain_recipient ON uncertain (recipient);

-- parts noted together; dropped from the old end when all have been reported or moved to awaiting_receipt
CREATE TABLE awaiting_log (id INTEGER PRIMARY KEY AUTOINCREMENT, parts TEXT NOT NULL) STRICT;

CREATE TABLE awaiting_receipt (
  receipt_group INTEGER NOT NULL,
  carrier_id TEXT NOT NULL,
  plan_id INTEGER NOT NULL,
  idx INTEGER NOT NULL,
  recipient INTEGER NOT NULL,
  parts INTEGER NOT NULL,
  since INTEGER NOT NULL,
  PRIMARY KEY (receipt_group, carrier_id, plan_id, idx)
) WITHOUT ROWID, STRICT;

CREATE TABLE parked_receipt (
  receipt_group INTEGER NOT NULL,
  carrier_id TEXT NOT NULL,
  recipient INTEGER,
  state TEXT NOT NULL,
  error TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX parked_receipt_id ON parked_receipt (receipt_group, carrier_id);
CREATE INDEX parked_receipt_at ON parked_receipt (at);

CREATE TABLE ledger_entry (
  business_id INTEGER NOT NULL,
  id INTEGER NOT NULL,
  plan_id INTEGER,
  kind INTEGER NOT NULL,
  credits INTEGER NOT NULL,
  available_after INTEGER NOT NULL,
  reserved_after INTEGER NOT NULL,
  reason TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (business_id, id)
) WITHOUT ROWID, STRICT;

CREATE TABLE event (
  id INTEGER PRIMARY KEY,
  business_id INTEGER NOT NULL,
  at INTEGER NOT NULL,
  -- out of the body, so that readers who want few kinds need not open it
  kind TEXT NOT NULL,
  state TEXT,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX event_of_business ON event (business_id, id);

CREATE TABLE channel (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  enabled INTEGER NOT NULL,
  settings TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE idempotency (
  business_id INTEGER NOT NULL,
  route TEXT NOT NULL,
  key TEXT NOT NULL,
  body_hash TEXT NOT NULL,
  answer TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (business_id, route, key)
) WITHOUT ROWID, STRICT;
CREATE INDEX idempotency_at ON idempotency (at);
`;
