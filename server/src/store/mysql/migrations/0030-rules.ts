/**
 * When businesses (but for their balances), signatures, templates, prices, channels or routes last changed. `rules_told`: the
 * last transaction of a process that tells; behind `seq`, others have written who may have changed any.
 */
export const rules = (): readonly string[] => [
  'ALTER TABLE turn ADD COLUMN rules_seq BIGINT NOT NULL DEFAULT 0, ADD COLUMN rules_told BIGINT NOT NULL DEFAULT -1',
];
