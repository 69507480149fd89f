/** Every change somebody made, in the order of the commits. */
export const audit = `
CREATE TABLE audit (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  by_kind TEXT NOT NULL,
  -- NULL: the house
  by_id INTEGER,
  by_name TEXT NOT NULL,
  staff INTEGER NOT NULL,
  address TEXT NOT NULL,
  via TEXT NOT NULL,
  action TEXT NOT NULL,
  object TEXT NOT NULL,
  object_id TEXT NOT NULL,
  -- NULL: the installation's
  business_id INTEGER,
  -- JSON; NULL: there is nothing to tell
  view_before TEXT,
  view_after TEXT
) STRICT;
CREATE INDEX audit_of_business ON audit (business_id, id);
CREATE INDEX audit_of_object ON audit (object, object_id, id);
CREATE INDEX audit_by ON audit (by_kind, by_id, id);
CREATE INDEX audit_action ON audit (action, id);
`;
