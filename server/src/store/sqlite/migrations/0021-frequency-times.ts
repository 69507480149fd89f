/** When recipients were counted lately, where frequency limits are kept in the store: an hour leads, and goes as a whole. */
export const frequencyTimes = `
CREATE TABLE frequency_time (
  hour INTEGER NOT NULL,
  business_id INTEGER NOT NULL,
  -- 0: of all categories
  category INTEGER NOT NULL,
  recipient INTEGER NOT NULL,
  -- milliseconds from the hour's beginning, JSON
  times TEXT NOT NULL,
  PRIMARY KEY (hour, business_id, category, recipient)
) STRICT, WITHOUT ROWID;
`;
