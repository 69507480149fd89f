import dayjs, { type Dayjs } from 'dayjs';
import { now, wallTime } from '../../lib/time.ts';
import { useFilters } from '../../parts/table/filters.ts';

export const DIMENSIONS = ['business', 'channel', 'country', 'category', 'template'] as const;
export type Dimension = (typeof DIMENSIONS)[number];
export const PERIODS = ['hour', 'day', 'month'] as const;
export type Period = (typeof PERIODS)[number];
export const METRICS = ['sent', 'delivered', 'failed', 'segments', 'credits', 'cost'] as const;
export type Metric = (typeof METRICS)[number];

const DAYS_AT_FIRST = 7;
/** Longer spans are shown by day, and still longer ones by month, unless somebody says otherwise. */
const MOST_DAYS_BY_HOUR = 2;
const MOST_DAYS_BY_DAY = 92;

/** What the page shows, as it stands in its address. */
export interface Asked {
  businessId: string | undefined;
  today: Dayjs;
  /** The first and the last day, the last included. */
  from: Dayjs;
  to: Dayjs;
  by: Period;
  group: Dimension[];
  /** What the chart shows; null: what became of messages. */
  metric: Metric | null;
}

type Name = 'business_id' | 'from' | 'to' | 'by' | 'group' | 'metric' | 'page';

const one = <T extends string>(words: readonly T[], given: string | undefined): T | null =>
  words.find((word) => word === given) ?? null;

/** @param zone the days are in it */
export function useAsked(zone: string): [Asked, (change: Partial<Record<Name, string>>) => void] {
  const [filters, change] = useFilters<Name>();
  const today = dayjs(wallTime(now(), zone).slice(0, 10));
  const day = (text: string | undefined, otherwise: Dayjs) => {
    const read = /^\d{4}-\d{2}-\d{2}$/.test(text ?? '') ? dayjs(text) : otherwise;
    return read.isValid() ? read : otherwise;
  };
  const to = day(filters.to, today);
  const from = day(filters.from, to.subtract(DAYS_AT_FIRST - 1, 'day'));
  const days = to.diff(from, 'day') + 1;
  const fitting = days <= MOST_DAYS_BY_HOUR ? 'hour' : days <= MOST_DAYS_BY_DAY ? 'day' : 'month';
  const asked: Asked = {
    businessId: filters.business_id,
    today,
    from,
    to,
    by: one(PERIODS, filters.by) ?? fitting,
    group: DIMENSIONS.filter((each) => filters.group?.split(',').includes(each)),
    metric: one(METRICS, filters.metric),
  };
  return [asked, change];
}

export const dayText = (day: Dayjs): string => day.format('YYYY-MM-DD');

/** The names of all periods that are asked for, in order: also those in which nothing was. */
export function periodsOf({ from, to, by }: Asked): string[] {
  const names: string[] = [];
  const step = by === 'month' ? 'month' : 'day';
  for (let day = from.startOf(step); !day.isAfter(to); day = day.add(1, step)) {
    if (by === 'month') names.push(day.format('YYYY-MM'));
    else if (by === 'day') names.push(dayText(day));
    else for (let hour = 0; hour < 24; hour++) names.push(`${dayText(day)}T${String(hour).padStart(2, '0')}:00`);
  }
  return names;
}

/** The same for the API, where a span ends before its last moment. */
export const queryOf = ({ businessId, from, to, by, group }: Asked, zone: string) => ({
  ...(businessId !== undefined && { business_id: businessId }),
  from: dayText(from),
  to: dayText(to.add(1, 'day')),
  by,
  ...(group.length > 0 && { group: group.join(',') }),
  zone,
});
