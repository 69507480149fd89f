import Type from 'typebox';
import { must } from '../../domain/refusals.ts';
import { parseTime } from '../../lib/clock.ts';

const RULE = 'RFC 3339 with an offset, such as 2026-11-22T08:30:00+08:00';

/** When a plan is to start. */
export const StartTime = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}[Tt]\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,9})?([Zz]|[+-]\\d{2}:\\d{2})$',
  description: RULE,
});

/** How much earlier than now a start may be: clocks differ. */
const CLOCK_SLACK_MS = 300_000;

/** Milliseconds since 1970 of a {@link StartTime}; now, where it is just over. @throws Refused when it is no time, or over */
export function startTimeOf(text: string, now: number): number {
  const at = parseTime(text.toUpperCase());
  must(at !== null, { code: 'invalidField', field: 'start_at', rule: RULE });
  must(at >= now - CLOCK_SLACK_MS, { code: 'invalidField', field: 'start_at', rule: 'not in the past' });
  return Math.max(at, now);
}
