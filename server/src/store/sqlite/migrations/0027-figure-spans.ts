/** Figures by four hours, which long times are summed from; they follow from those by the quarter (store/figure-table.ts). */
export const figureSpans = `
CREATE TABLE figure_span (
  business_id INTEGER NOT NULL,
  -- of four hours, since 1970
  span INTEGER NOT NULL,
  -- these as in \`figure\`
  channel_id INTEGER NOT NULL,
  country TEXT NOT NULL,
  category INTEGER NOT NULL,
  template_id INTEGER NOT NULL,
  currency TEXT NOT NULL,
  sent INTEGER NOT NULL,
  delivered INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  segments INTEGER NOT NULL,
  settled INTEGER NOT NULL,
  refunded INTEGER NOT NULL,
  cost INTEGER NOT NULL,
  PRIMARY KEY (business_id, span, channel_id, country, category, template_id, currency)
) WITHOUT ROWID, STRICT;

-- the event up to which spans were kept with quarters: another than event_id, and they do not hold
ALTER TABLE figure_feed ADD COLUMN span_event INTEGER;
-- of feed 0: from which span on there are all; null: there are none
ALTER TABLE figure_feed ADD COLUMN spans_from INTEGER;
`;
