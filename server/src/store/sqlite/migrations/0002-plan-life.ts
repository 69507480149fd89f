/** Plans that start later, are paused or cancelled. */
export const planLife = `
ALTER TABLE plan ADD COLUMN invalid INTEGER NOT NULL DEFAULT 0;
ALTER TABLE plan ADD COLUMN sendable INTEGER NOT NULL DEFAULT 0;
ALTER TABLE plan ADD COLUMN custom_args TEXT;
ALTER TABLE plan ADD COLUMN start_at INTEGER;
ALTER TABLE plan ADD COLUMN started_at INTEGER;
UPDATE plan SET sendable = accepted;
-- pending
CREATE INDEX plan_pending ON plan (start_at) WHERE state = 1;
-- cancelled, and not everything of it has ended
CREATE INDEX plan_ending ON plan (id) WHERE state = 5 AND done_at IS NULL;

-- what is being done to all messages of a plan, a bounded range at a time, from next on
CREATE TABLE sweep (
  plan_id INTEGER PRIMARY KEY,
  -- NULL: they become sendable; otherwise those that wait end in this state
  end_state INTEGER,
  error TEXT NOT NULL,
  next INTEGER NOT NULL
) STRICT;

ALTER TABLE business ADD COLUMN time_zone TEXT NOT NULL DEFAULT 'UTC';
`;
