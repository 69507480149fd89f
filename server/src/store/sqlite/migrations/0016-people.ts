/** People who sign in to the console, their sessions, and links by which others become members. */
export const people = `
CREATE TABLE member (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  -- NULL: of the staff
  business_id INTEGER,
  name TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  disabled INTEGER NOT NULL DEFAULT 0,
  must_change INTEGER NOT NULL,
  totp_secret BLOB,
  totp_pending BLOB,
  totp_step INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  signed_in_at INTEGER
) STRICT;
CREATE INDEX member_of_business ON member (business_id, id);

CREATE TABLE session (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  token_hash BLOB NOT NULL UNIQUE,
  -- one of the two: a member's, or a business's own
  member_id INTEGER,
  business_id INTEGER,
  created_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  address TEXT NOT NULL,
  agent TEXT NOT NULL
) STRICT;
CREATE INDEX session_of_member ON session (member_id);
CREATE INDEX session_of_business ON session (business_id);

CREATE TABLE invite (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  token_hash BLOB NOT NULL UNIQUE,
  business_id INTEGER,
  name TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX invite_of_business ON invite (business_id);
`;
