/** What routes did, by the hour (hours since 1970) and channel. `route_id` 0: messages that no route fits. */
export const routeFigures = `
CREATE TABLE route_figure (
  hour INTEGER NOT NULL,
  route_id INTEGER NOT NULL,
  channel_id INTEGER NOT NULL,
  given INTEGER NOT NULL,
  fallback INTEGER NOT NULL,
  stand_in INTEGER NOT NULL,
  passed_on INTEGER NOT NULL,
  dead_ends INTEGER NOT NULL,
  PRIMARY KEY (hour, route_id, channel_id)
) WITHOUT ROWID, STRICT;
`;
