/** When a plan's messages last counted towards frequency limits, where that is not when it was made; counts by the hour. */
export const frequency = `
ALTER TABLE plan ADD COLUMN counted_at INTEGER;
CREATE INDEX plan_counted ON plan (counted_at) WHERE counted_at IS NOT NULL;

-- category 0: of all categories. The day leads, so that a day's rows are written near each other and go together.
CREATE TABLE frequency_hour (
  day INTEGER NOT NULL,
  business_id INTEGER NOT NULL,
  category INTEGER NOT NULL,
  recipient INTEGER NOT NULL,
  hour INTEGER NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (day, business_id, category, recipient, hour)
) WITHOUT ROWID, STRICT;
`;
