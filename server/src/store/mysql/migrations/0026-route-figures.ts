/** What routes did, by the hour (hours since 1970) and channel. `route_id` 0: messages that no route fits. */
export const routeFigures = (table: string): readonly string[] => [
  `CREATE TABLE route_figure (
     hour INT NOT NULL,
     route_id BIGINT NOT NULL,
     channel_id BIGINT NOT NULL,
     given BIGINT NOT NULL,
     fallback BIGINT NOT NULL,
     stand_in BIGINT NOT NULL,
     passed_on BIGINT NOT NULL,
     dead_ends BIGINT NOT NULL,
     PRIMARY KEY (hour, route_id, channel_id)
   ) ${table}`,
];
