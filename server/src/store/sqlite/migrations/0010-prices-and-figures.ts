/** What messages cost, and what became of them. */
export const pricesAndFigures = `
CREATE TABLE price (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  -- 0: of the installation
  business_id INTEGER NOT NULL,
  prefix TEXT NOT NULL,
  -- 0: any
  category INTEGER NOT NULL,
  valid_from INTEGER NOT NULL,
  credits INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX price_of ON price (business_id, prefix, category, valid_from);

CREATE TABLE channel_cost (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  channel_id INTEGER NOT NULL,
  prefix TEXT NOT NULL,
  -- 0: any
  category INTEGER NOT NULL,
  valid_from INTEGER NOT NULL,
  micros INTEGER NOT NULL,
  currency TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX channel_cost_of ON channel_cost (channel_id, prefix, category, valid_from);

-- what became of messages, by the quarter of an hour in which they were sent
CREATE TABLE figure (
  business_id INTEGER NOT NULL,
  -- since 1970
  quarter INTEGER NOT NULL,
  -- -1: none, 0: the built-in simulator
  channel_id INTEGER NOT NULL,
  -- empty: of no country
  country TEXT NOT NULL,
  category INTEGER NOT NULL,
  template_id INTEGER NOT NULL,
  -- of the cost; empty: there is none
  currency TEXT NOT NULL,
  sent INTEGER NOT NULL,
  delivered INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  segments INTEGER NOT NULL,
  settled INTEGER NOT NULL,
  refunded INTEGER NOT NULL,
  cost INTEGER NOT NULL,
  PRIMARY KEY (business_id, quarter, channel_id, country, category, template_id, currency)
) WITHOUT ROWID, STRICT;

-- how far events have been counted: feed 0 counts what happens, another counts some quarters again
CREATE TABLE figure_feed (
  id INTEGER PRIMARY KEY,
  -- events up to this one are counted
  event_id INTEGER NOT NULL,
  -- of another feed: the last event, and the quarters
  until_event INTEGER,
  from_quarter INTEGER,
  to_quarter INTEGER
) STRICT;
INSERT INTO figure_feed (id, event_id) VALUES (0, 0);

-- given back because of a report, to businesses that pay on delivery
ALTER TABLE message ADD COLUMN refunded INTEGER NOT NULL DEFAULT 0;
ALTER TABLE business ADD COLUMN pay_on_delivery INTEGER NOT NULL DEFAULT 0;
`;
