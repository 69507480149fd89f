/** The numbers of older messages, sorted, a run at a time: messages to a number are found without an index on it. */
export const numberRuns = `
CREATE TABLE number_run (id INTEGER PRIMARY KEY, after_plan INTEGER NOT NULL, to_plan INTEGER NOT NULL) STRICT;

CREATE TABLE sorted_number (
  run_id INTEGER NOT NULL,
  recipient INTEGER NOT NULL,
  plan_id INTEGER NOT NULL,
  idx INTEGER NOT NULL,
  PRIMARY KEY (run_id, recipient, plan_id, idx)
) WITHOUT ROWID, STRICT;
`;
