/**
 * What the lanes need: how heavy a plan's messages are, until when they are sent, and each business's share. The index of
 * open plans is in the order in which they expire, which for those of one category is, with few exceptions, the order in
 * which they came: what waits and what is over are both found at its ends, and it costs what the old one cost.
 */
export const lanes = `
-- segments of each message; null when they differ
ALTER TABLE plan ADD COLUMN segments INTEGER;
ALTER TABLE plan ADD COLUMN expires_at INTEGER NOT NULL DEFAULT 0;
UPDATE plan SET expires_at = created_at + iif(category = 1, 600000, 259200000);
DROP INDEX plan_open;
-- staged, pending, running, paused: small however many plans there have been
CREATE INDEX plan_open ON plan (category, expires_at, id) WHERE state IN (0, 1, 2, 3);

ALTER TABLE business ADD COLUMN weight INTEGER NOT NULL DEFAULT 1;

ALTER TABLE retry ADD COLUMN category INTEGER NOT NULL DEFAULT 1;
UPDATE retry SET category = (SELECT p.category FROM plan p WHERE p.id = retry.plan_id);
DROP INDEX retry_due;
CREATE INDEX retry_due ON retry (category, due_at);
`;
