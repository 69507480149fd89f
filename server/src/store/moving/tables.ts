import type { Value } from '../mysql/sql.ts';

/** A row of SQLite, by the names of its columns. */
export type SourceRow = Record<string, Value>;

/** How rows of one table come over. */
export interface Moved {
  from: string;
  /** What rows are read in the order of. */
  key: readonly string[];
  /** Where they go, with what has another name there. */
  to: string;
  renamed?: Readonly<Record<string, string>>;
  /** What stands there for nothing. */
  nothing?: Readonly<Record<string, number>>;
  /** Columns that are not there. */
  without?: readonly string[];
}

const same = (name: string, ...key: string[]): Moved => ({
  from: name,
  key: key.length === 0 ? ['id'] : key,
  to: name,
});

/**
 * Every table of the embedded store but `installation`, which is last, and those whose rows are made anew (special.ts). A test
 * compares this list with both schemas.
 */
export const MOVED: readonly Moved[] = [
  same('business'),
  { ...same('credential'), renamed: { key: 'access_key' } },
  same('member'),
  same('session'),
  same('invite'),
  same('audit'),
  same('signature'),
  same('template'),
  same('content'),
  same('approved_version', 'kind', 'item_id'),
  same('picture'),
  same('channel'),
  same('route'),
  same('route_figure', 'hour', 'route_id', 'channel_id'),
  { ...same('plan'), renamed: { left: 'messages_left' } },
  { ...same('sweep', 'plan_id'), renamed: { next: 'next_index' } },
  same('draft', 'plan_id'),
  { ...same('draft_rejected', 'plan_id', 'piece'), renamed: { lines: 'csv' } },
  {
    ...same('message', 'plan_id', 'idx'),
    nothing: { channel_id: -1, dispatched_at: 0, submitted_at: 0, final_at: 0 },
    without: ['carrier_ids'],
  },
  { ...same('attempt', 'plan_id', 'idx', 'number'), renamed: { repeat: 'is_repeat' } },
  same('number_run'),
  same('sorted_number', 'run_id', 'recipient', 'plan_id', 'idx'),
  same('ledger_entry', 'business_id', 'id'),
  same('ledger_opening', 'business_id', 'at'),
  same('price'),
  same('channel_cost'),
  { ...same('idempotency', 'business_id', 'route', 'key'), renamed: { key: 'request_key' } },
  same('frequency_hour', 'day', 'business_id', 'category', 'recipient', 'hour'),
  same('frequency_time', 'hour', 'business_id', 'category', 'recipient'),
  same('event'),
  same('chore_run'),
  same('paused_queue', 'queue'),
  same('queue_figure', 'queue', 'span_ms', 'from_at'),
  same('retry', 'plan_id', 'idx'),
  same('uncertain', 'plan_id', 'idx'),
  same('in_parts', 'plan_id', 'idx'),
  {
    from: 'awaiting_receipt',
    key: ['receipt_group', 'carrier_id', 'plan_id', 'idx'],
    to: 'awaiting',
    renamed: { receipt_group: 'channel_id' },
  },
  {
    from: 'parked_receipt',
    key: ['rowid'],
    to: 'parked',
    renamed: { receipt_group: 'channel_id', carrier_id: 'key_id', written: 'carrier_id' },
  },
  { ...same('orphan_report'), to: 'orphan' },
  same('report_log'),
  same('webhook'),
  same('webhook_delivery'),
  same('figure', 'business_id', 'quarter', 'channel_id', 'country', 'category', 'template_id', 'currency'),
  same('figure_span', 'business_id', 'span', 'channel_id', 'country', 'category', 'template_id', 'currency'),
  same('figure_feed'),
  same('inbound'),
  same('inbound_seen'),
  same('inbound_part'),
  same('auto_reply'),
  { ...same('inbound_number'), nothing: { channel_id: -1 } },
  same('keyword'),
  same('listed', 'list', 'business_id', 'recipient'),
  same('opt_words', 'business_id'),
];

/** The row as the other store has it. */
export function converted(row: SourceRow, { renamed = {}, nothing = {}, without = [] }: Moved): SourceRow {
  const made: SourceRow = {};
  for (const [name, value] of Object.entries(row)) {
    if (without.includes(name)) continue;
    made[renamed[name] ?? name] = value ?? nothing[name] ?? null;
  }
  return made;
}
