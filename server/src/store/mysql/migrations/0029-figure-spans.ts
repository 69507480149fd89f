/**
 * Figures by four hours, which long times are summed from; they follow from those by the quarter (store/figure-table.ts). They
 * stand in the order of time, since most is read where those of all businesses are summed.
 */
export const figureSpans = (table: string): readonly string[] => [
  `CREATE TABLE figure_span (
    span INT UNSIGNED NOT NULL,
    business_id INT NOT NULL,
    channel_id INT NOT NULL,
    country VARCHAR(8) NOT NULL,
    category TINYINT UNSIGNED NOT NULL,
    template_id INT NOT NULL,
    currency VARCHAR(8) NOT NULL,
    sent BIGINT NOT NULL,
    delivered BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    segments BIGINT NOT NULL,
    settled BIGINT NOT NULL,
    refunded BIGINT NOT NULL,
    cost BIGINT NOT NULL,
    PRIMARY KEY (span, business_id, channel_id, country, category, template_id, currency),
    KEY figure_span_of (business_id, span)
  ) ${table}`,
  // The event up to which spans were kept with quarters: another than event_id, and they do not hold.
  'ALTER TABLE figure_feed ADD COLUMN span_event BIGINT',
  // Of feed 0: from which span on there are all; null: there are none.
  'ALTER TABLE figure_feed ADD COLUMN spans_from INT UNSIGNED',
];
