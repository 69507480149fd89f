import { Readable } from 'node:stream';
import Type, { type Static } from 'typebox';
import { CATEGORIES } from '../../domain/category.ts';
import { CURRENCY, parseMicros } from '../../domain/cost.ts';
import type { Actor } from '../../domain/credential.ts';
import { addSums, FIGURE_DIMENSIONS, type FigureDimension, type FigureSums, NO_SUMS } from '../../domain/figure.ts';
import { must } from '../../domain/refusals.ts';
import { isTimeZone, TIME_ZONE_RULE } from '../../domain/time-zone.ts';
import { csvLine } from '../../files/csv-writer.ts';
import { dayText, localTime, PERIODS, type Period, periodStarts, QUARTER_MS, startOfDay } from '../../lib/calendar.ts';
import { isoTime } from '../../lib/clock.ts';
import type { Desk, QueryValue } from '../../services/desk.ts';
import type { HttpDeps } from '../deps.ts';
import { csvEndpoint, type Endpoint, endpoint } from './endpoint.ts';
import { businessQuery, Count, closed, Id, orNull, Time, word } from './fields.ts';
import { businessOf } from './scope.ts';
import { momentOf } from './tariff-file.ts';

/** Rows one JSON answer has at most; a file may have any number. */
const MAX_ITEMS = 10_000;
const MAX_PERIODS = 20_000;
/** Periods asked for at a time, so that a long time keeps no other question waiting. */
const PERIODS_AT_ONCE = 100;

const MOMENT = 'RFC 3339 with an offset, on a quarter of an hour, or a day such as 2026-11-01';
const GROUP_RULE = `what they are told apart by: some of ${FIGURE_DIMENSIONS.join(', ')}, separated by commas`;
const words = FIGURE_DIMENSIONS.join('|');

const query = closed({
  ...businessQuery,
  from: Type.Optional(Type.String({ maxLength: 40, description: `where they begin: ${MOMENT}; left out: today` })),
  to: Type.Optional(Type.String({ maxLength: 40, description: `where they end, itself not included: ${MOMENT}; now` })),
  by: Type.Optional(word(PERIODS, 'how long a period is: hour, day or month; left out: day')),
  group: Type.Optional(Type.String({ pattern: `^(?:(?:${words})(?:,(?:${words})){0,4})?$`, description: GROUP_RULE })),
  zone: Type.Optional(Type.String({ maxLength: 64, description: `${TIME_ZONE_RULE}; left out: that of the business` })),
  credit_value: Type.Optional(
    Type.String({
      pattern: '^\\d{1,9}(\\.\\d{1,6})?$',
      description: 'administrator: what a credit is worth, for margins',
    }),
  ),
  currency: Type.Optional(Type.String({ pattern: CURRENCY.source, description: 'the currency of credit_value' })),
});

const Money = closed({ currency: Type.String(), micros: Type.Integer({ description: 'millionths of a unit' }) });

const sumFields = {
  sent: Type.Integer({ minimum: 0, description: 'messages that a carrier accepted' }),
  delivered: Count,
  failed: Type.Integer({ minimum: 0, description: 'messages that did not arrive, or were never sent' }),
  segments: Type.Integer({ minimum: 0, description: 'segments that carriers accepted, or may have' }),
  credits: Type.Integer({ description: 'credits charged, less those refunded' }),
  refunded: Count,
  costs: Type.Optional(Type.Array(Money, { description: 'what carriers charge; for the administrator' })),
  margin: Type.Optional(
    orNull(
      Type.Object(Money.properties, {
        description: 'credits × credit_value − costs; null where not all costs are known, in this one currency',
      }),
    ),
  ),
};

const Figures = closed(
  {
    zone: Type.String(),
    by: word(PERIODS),
    from: Time,
    to: Time,
    items: Type.Array(
      closed({
        start: Time,
        local: Type.String({ description: 'the period by the clocks of the zone' }),
        business_id: Type.Optional(Id),
        channel_id: Type.Optional(orNull(Type.Integer({ minimum: 0, description: '0: the built-in simulator' }))),
        country: Type.Optional(orNull(Type.String())),
        category: Type.Optional(word(CATEGORIES)),
        template_id: Type.Optional(Type.Integer({ minimum: 0, description: '0: tests of channels' })),
        ...sumFields,
      }),
      { description: 'periods in which anything was counted, in order' },
    ),
    totals: closed(sumFields),
    counted_until: orNull(Type.String({ format: 'date-time', description: 'what happened later is not counted yet' })),
    rebuilding: Type.Boolean({ description: 'whether figures of some time are counted again, and incomplete' }),
  },
  { title: 'Figures' },
);

type Sum = QueryValue<'figureSums'>[number]['sums'][number];
type Item = Static<typeof Figures>['items'][number];

/** What is asked for, understood. */
interface Asked {
  businessId: number | null;
  zone: string;
  by: Period;
  from: number;
  to: number;
  group: FigureDimension[];
  /** Whether costs are shown. */
  costs: boolean;
  credit: { micros: number; currency: string } | null;
}

/** Figures of what was sent, and what became of it. */
export const figureEndpoints = (deps: HttpDeps): Endpoint[] => {
  const { desk } = deps;
  return [
    endpoint(
      'GET /figures',
      {
        tag: 'figures',
        summary: 'What was sent and what became of it, by hour, day or month, told apart by what you like',
        query,
        answer: Figures,
      },
      async ({ actor, query }) => {
        const asked = await understand(deps, actor, query);
        const items: Item[] = [];
        const totals = new Totals(asked);
        for await (const { start, sums } of periodsOf(desk, asked)) {
          for (const group of grouped(sums)) {
            items.push({
              start: isoTime(start),
              local: localName(asked, start),
              ...namesOf(group[0]!),
              ...sumsOf(asked, group),
            });
            must(items.length <= MAX_ITEMS, {
              code: 'invalidField',
              field: 'group',
              rule: `more than ${MAX_ITEMS} rows: ask for a shorter time, longer periods, or for /figures.csv`,
            });
          }
          totals.add(sums);
        }
        const { until, rebuilding } = await desk.ask('countedUntil', {});
        return {
          zone: asked.zone,
          by: asked.by,
          from: isoTime(asked.from),
          to: isoTime(asked.to),
          items,
          totals: totals.view(),
          counted_until: until === null ? null : isoTime(until),
          rebuilding,
        };
      },
    ),
    csvEndpoint(
      'GET /figures.csv',
      { tag: 'figures', summary: 'The same as a file, however long', query },
      async (call) => {
        const asked = await understand(deps, call.actor, call.query);
        return Readable.from(csvOf(desk, asked), { objectMode: false });
      },
    ),
    endpoint(
      'POST /figures/rebuild',
      {
        tag: 'figures',
        summary: 'Count the figures of some time again, with the costs as they are now',
        admin: true,
        body: closed(
          {
            from: Type.String({ maxLength: 40, description: MOMENT }),
            to: Type.String({ maxLength: 40, description: MOMENT }),
          },
          { title: 'FiguresRebuild' },
        ),
        answer: null,
      },
      async ({ actor, body }) => {
        const { timeZone } = await businessOf(desk, actor, String(actor.businessId));
        const from = borderOf(body.from, 'from', timeZone);
        await desk.do('rebuildFigures', { actor, from, to: borderOf(body.to, 'to', timeZone) });
      },
    ),
  ];
};

async function understand({ desk, clock }: HttpDeps, actor: Actor, asked: Static<typeof query>): Promise<Asked> {
  const business = await businessOf(desk, actor, asked.business_id ?? String(actor.businessId));
  const zone = asked.zone ?? business.timeZone;
  must(isTimeZone(zone), { code: 'invalidField', field: 'zone', rule: TIME_ZONE_RULE });
  const now = clock.now();
  const from =
    asked.from === undefined ? startOfDay(zone, localTime(zone, now).day) : borderOf(asked.from, 'from', zone);
  const to = asked.to === undefined ? (Math.floor(now / QUARTER_MS) + 1) * QUARTER_MS : borderOf(asked.to, 'to', zone);
  must(from < to, { code: 'invalidField', field: 'to', rule: 'after "from"' });
  const { credit_value, currency } = asked;
  must(actor.admin || credit_value === undefined, { code: 'adminOnly' });
  must((credit_value === undefined) === (currency === undefined), {
    code: 'invalidField',
    field: 'currency',
    rule: 'goes with credit_value: the currency of what a credit is worth',
  });
  return {
    businessId: actor.admin && asked.business_id === undefined ? null : business.id,
    zone,
    by: asked.by ?? 'day',
    from,
    to,
    group: FIGURE_DIMENSIONS.filter((each) => asked.group?.split(',').includes(each)),
    costs: actor.admin,
    credit: currency === undefined ? null : { micros: parseMicros(credit_value!)!, currency },
  };
}

function borderOf(text: string, field: string, zone: string): number {
  // A + in a query that was not escaped has become a space.
  const at = momentOf(text.replace(' ', '+'), zone);
  must(at !== null && at % QUARTER_MS === 0, { code: 'invalidField', field, rule: MOMENT });
  return at;
}

async function* periodsOf(desk: Desk, asked: Asked): AsyncGenerator<{ start: number; sums: Sum[] }> {
  const { businessId, zone, by, from, to, group } = asked;
  const starts = periodStarts(by, zone, from, to, MAX_PERIODS + 1);
  must(starts.length <= MAX_PERIODS, {
    code: 'invalidField',
    field: 'by',
    rule: `more than ${MAX_PERIODS} periods: ask for a shorter time, or longer periods`,
  });
  const borders = [...starts, to];
  for (let first = 0; first < starts.length; first += PERIODS_AT_ONCE) {
    const some = borders.slice(first, first + PERIODS_AT_ONCE + 1);
    const periods = await desk.ask('figureSums', { businessId, borders: some, by: group });
    for (const { period, sums } of periods) yield { start: some[period]!, sums };
  }
}

/** Rows that only differ in their currency, together: they stand beside each other. */
function grouped(sums: readonly Sum[]): Sum[][] {
  const groups: Sum[][] = [];
  let last = '';
  for (const sum of sums) {
    const key = JSON.stringify(namesOf(sum));
    if (key === last) groups.at(-1)!.push(sum);
    else groups.push([sum]);
    last = key;
  }
  return groups;
}

const namesOf = ({ businessId, channelId, country, category, templateId }: Sum) => ({
  ...(businessId !== undefined && { business_id: businessId }),
  ...(channelId !== undefined && { channel_id: channelId }),
  ...(country !== undefined && { country }),
  ...(category !== undefined && { category }),
  ...(templateId !== undefined && { template_id: templateId }),
});

function sumsOf(asked: Asked, group: readonly Sum[]) {
  const totals = new Totals(asked);
  totals.add(group);
  return totals.view();
}

/** Adds sums of several currencies. */
class Totals {
  readonly #asked: Asked;
  readonly #sums: FigureSums = { ...NO_SUMS };
  readonly #costs = new Map<string, number>();
  #unknownCost = false;

  constructor(asked: Asked) {
    this.#asked = asked;
  }

  add(sums: readonly Sum[]): void {
    for (const sum of sums) {
      addSums(this.#sums, sum);
      if (sum.currency !== null) this.#costs.set(sum.currency, (this.#costs.get(sum.currency) ?? 0) + sum.cost);
      else if (sum.segments > 0) this.#unknownCost = true;
    }
  }

  view() {
    const { sent, delivered, failed, segments, settled, refunded } = this.#sums;
    const costs = [...this.#costs].sort().map(([currency, micros]) => ({ currency, micros }));
    const credits = settled - refunded;
    const { credit } = this.#asked;
    return {
      ...{ sent, delivered, failed, segments, credits, refunded },
      ...(this.#asked.costs && { costs }),
      ...(credit !== null && { margin: this.#margin(credit, credits, costs) }),
    };
  }

  #margin(
    credit: NonNullable<Asked['credit']>,
    credits: number,
    costs: readonly { currency: string; micros: number }[],
  ) {
    const one = costs.every(({ currency }) => currency === credit.currency);
    if (this.#unknownCost || !one) return null;
    return { currency: credit.currency, micros: credits * credit.micros - (costs[0]?.micros ?? 0) };
  }
}

function localName({ zone, by }: Asked, start: number): string {
  const { day, hour, minute } = localTime(zone, start);
  const text = dayText(day);
  if (by === 'month') return text.slice(0, 7);
  const two = (value: number) => String(value).padStart(2, '0');
  return by === 'day' ? text : `${text}T${two(hour)}:${two(minute)}`;
}

/** A row for each currency, so that every column can be added up. */
async function* csvOf(desk: Desk, asked: Asked): AsyncGenerator<string> {
  const { group, costs } = asked;
  const names = group.map((each) => (each === 'country' || each === 'category' ? each : `${each}_id`));
  const counts = ['sent', 'delivered', 'failed', 'segments', 'credits', 'refunded'];
  // The mark tells spreadsheets that it is UTF-8.
  yield `\ufeff${csvLine(['start', 'local', ...names, ...counts, ...(costs ? ['cost_micros', 'currency'] : [])])}`;
  for await (const { start, sums } of periodsOf(desk, asked)) {
    let lines = '';
    for (const rows of costs ? sums.map((sum) => [sum]) : grouped(sums)) {
      const total: FigureSums = { ...NO_SUMS };
      for (const row of rows) addSums(total, row);
      const { sent, delivered, failed, segments, settled, refunded, cost } = total;
      lines += csvLine([
        isoTime(start),
        localName(asked, start),
        ...(Object.values(namesOf(rows[0]!)) as (string | number | null)[]),
        ...[sent, delivered, failed, segments, settled - refunded, refunded],
        ...(costs ? [cost, rows[0]!.currency] : []),
      ]);
    }
    yield lines;
  }
}
