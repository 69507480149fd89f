/** What the house did at its own pace, which queues stand still, and how long they were. */
export const tasks = `
-- runs of chores; id is time-ordered, name and state are the codes of domain/task.ts
CREATE TABLE chore_run (
  id INTEGER PRIMARY KEY,
  name INTEGER NOT NULL,
  state INTEGER NOT NULL,
  asked_by TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  started_at INTEGER,
  ended_at INTEGER,
  runs INTEGER NOT NULL,
  run_ms INTEGER NOT NULL,
  items INTEGER NOT NULL,
  error TEXT NOT NULL,
  worker TEXT NOT NULL
) STRICT;
CREATE INDEX chore_run_state ON chore_run (state, id);

CREATE TABLE paused_queue (
  queue TEXT PRIMARY KEY,
  since INTEGER NOT NULL,
  paused_by TEXT NOT NULL,
  reason TEXT NOT NULL
) WITHOUT ROWID, STRICT;

CREATE TABLE queue_figure (
  queue TEXT NOT NULL,
  span_ms INTEGER NOT NULL,
  from_at INTEGER NOT NULL,
  most INTEGER NOT NULL,
  last INTEGER NOT NULL,
  done INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  PRIMARY KEY (queue, span_ms, from_at)
) WITHOUT ROWID, STRICT;
`;
