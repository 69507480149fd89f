/** Rules that say which channels take a message, and which attempts a carrier wanted to see on another channel. */
export const routes = `
CREATE TABLE route (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  -- from 1, without gaps
  position INTEGER NOT NULL,
  name TEXT NOT NULL UNIQUE,
  enabled INTEGER NOT NULL,
  -- conditions, targets, fallback and stickiness, as JSON
  settings TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

-- the carrier said that another channel may take it
ALTER TABLE attempt ADD COLUMN refused INTEGER NOT NULL DEFAULT 0;
`;
