import Type from 'typebox';
import { must } from '../../domain/refusals.ts';
import { parseTime } from '../../lib/clock.ts';

const TIME_RULE = 'RFC 3339 with an offset, such as 2026-11-22T08:30:00+08:00';
/** A moment in a query. */
export const Moment = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}[Tt]\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,9})?([Zz]|[+-]\\d{2}:\\d{2})$',
  description: TIME_RULE,
});

/** The moment that a field of a query says; null when it says none. @throws Refused (invalidField) */
export function momentOf(field: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const at = parseTime(text.toUpperCase());
  must(at !== null, { code: 'invalidField', field, rule: TIME_RULE });
  return at;
}
