/** Messages from handsets, whose numbers and keywords they come in on, and recipients that are not written to. */
export const inbound = `
CREATE TABLE inbound (
  id INTEGER PRIMARY KEY,
  channel_id INTEGER NOT NULL,
  -- NULL: nobody's
  business_id INTEGER,
  sender TEXT NOT NULL,
  receiver TEXT NOT NULL,
  parts INTEGER NOT NULL,
  missing INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  keyword TEXT NOT NULL,
  reply_plan_id INTEGER,
  reply_error TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  text TEXT NOT NULL
) STRICT;
CREATE INDEX inbound_of_business ON inbound (business_id, id);

-- what was taken in the last hour, to know it when a carrier delivers it again
CREATE TABLE inbound_seen (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  channel_id INTEGER NOT NULL,
  fingerprint INTEGER NOT NULL,
  at INTEGER NOT NULL,
  taken_at INTEGER NOT NULL
) STRICT;

-- parts that wait for the others of their text: some thousands at the most
CREATE TABLE inbound_part (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  channel_id INTEGER NOT NULL,
  sender TEXT NOT NULL,
  receiver TEXT NOT NULL,
  reference INTEGER NOT NULL,
  total INTEGER NOT NULL,
  idx INTEGER NOT NULL,
  -- UTF-16: a surrogate pair may be cut
  text BLOB NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX inbound_part_of ON inbound_part (channel_id, sender, receiver, reference, total);

-- automatic replies of the last hour
CREATE TABLE auto_reply (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  business_id INTEGER NOT NULL,
  keyword_id INTEGER NOT NULL,
  recipient INTEGER NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX auto_reply_to ON auto_reply (business_id, recipient);

CREATE TABLE inbound_number (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  number TEXT NOT NULL,
  prefix INTEGER NOT NULL,
  -- NULL: on any channel
  channel_id INTEGER,
  business_id INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX inbound_number_once ON inbound_number (number, prefix, coalesce(channel_id, -1));
CREATE INDEX inbound_number_of_business ON inbound_number (business_id);

CREATE TABLE keyword (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  business_id INTEGER NOT NULL,
  word TEXT NOT NULL,
  shared INTEGER NOT NULL,
  template_id INTEGER,
  created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX keyword_once ON keyword (word, business_id);
CREATE INDEX keyword_of_business ON keyword (business_id);

-- list: the codes of domain/listed.ts; business 0: the whole installation
CREATE TABLE listed (
  list INTEGER NOT NULL,
  business_id INTEGER NOT NULL,
  recipient INTEGER NOT NULL,
  since INTEGER NOT NULL,
  source TEXT NOT NULL,
  note TEXT NOT NULL,
  PRIMARY KEY (list, business_id, recipient)
) WITHOUT ROWID, STRICT;

-- NULL: the usual words
CREATE TABLE opt_words (business_id INTEGER PRIMARY KEY, opt_out TEXT, opt_in TEXT) STRICT;

-- recipients of a request that were on a list when it was accepted: their messages follow the invalid ones
ALTER TABLE plan ADD COLUMN stopped INTEGER NOT NULL DEFAULT 0;
`;
