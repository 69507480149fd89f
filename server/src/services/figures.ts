import { COUNTED_STATES, type FigureDimension, LIVE_FEED } from '../domain/figure.ts';
import { QUARTER_MS } from '../lib/calendar.ts';
import { timeOfId } from '../lib/ids.ts';
import type { FigureSum, Reader } from '../store/store.ts';

/** Sums of one period, by its place among those asked for. */
export interface PeriodSums {
  period: number;
  sums: FigureSum[];
}

/**
 * Figures of periods that follow each other: `borders` are where they begin, and last where the last ends, in milliseconds
 * since 1970, on quarters of an hour. Of a business, or (null) of all. Periods without anything are left out.
 */
export async function figureSums(
  reader: Reader,
  input: { businessId: number | null; borders: readonly number[]; by: readonly FigureDimension[] },
): Promise<PeriodSums[]> {
  const { businessId, borders, by } = input;
  const found: PeriodSums[] = [];
  for (let period = 0; period < borders.length - 1; period++) {
    const from = borders[period]! / QUARTER_MS;
    const to = borders[period + 1]! / QUARTER_MS;
    const sums = await reader.figures.sums({ businessId, from, to, by });
    if (sums.length > 0) found.push({ period, sums });
  }
  return found;
}

/**
 * Up to when what happened is in the figures, milliseconds since 1970 (null: all of it is), and whether figures of some
 * time are being counted again.
 */
export async function countedUntil(
  reader: Reader,
  _input: Record<string, never>,
): Promise<{ until: number | null; rebuilding: boolean }> {
  const live = (await reader.figures.feed(LIVE_FEED))!;
  const filter = { businessId: null, kind: 'message.state', states: COUNTED_STATES } as const;
  const [next] = await reader.events.after(live.eventId, filter, 1);
  return {
    until: next === undefined ? null : timeOfId(live.eventId),
    rebuilding: (await reader.figures.rebuilding()) !== null,
  };
}
