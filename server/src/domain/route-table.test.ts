import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CATEGORIES } from './category.ts';
import type { Route } from './route.ts';
import { channelsInUse, DEFAULT_LINE, misfitOf, type RouteFacts, RouteTable } from './route-table.ts';

const CN = 8613800138000;
const GB = 447400123456;
const US = 12015550123;

let ids = 0;
const route = (fields: Partial<Route> = {}): Route => ({
  id: ++ids,
  name: `r${ids}`,
  enabled: true,
  countries: [],
  prefixes: [],
  categories: [],
  businesses: [],
  targets: [{ channelId: 1, weight: 1 }],
  fallback: [],
  sticky: false,
  createdAt: 0,
  updatedAt: 0,
  ...fields,
});
const to = (channelId: number) => ({ targets: [{ channelId, weight: 1 }] });
const facts = (recipient: number, fields: Partial<RouteFacts> = {}): RouteFacts => ({
  businessId: 5,
  category: 'notification',
  recipient,
  ...fields,
});

describe('a route table', () => {
  it('without routes sends everything by the default line', () => {
    const table = new RouteTable([]);
    expect(table.empty).toBe(true);
    expect(table.lines).toEqual([DEFAULT_LINE]);
    expect(table.lineOf(facts(CN))).toBe(DEFAULT_LINE);
    expect(table.linesOf(5, 'marketing')).toEqual([DEFAULT_LINE]);
    expect(table.lineOfAll(5, 'marketing', [CN, GB])).toBe(DEFAULT_LINE);
  });

  it('takes the first route that fits, by every condition', () => {
    const routes = [
      route({ enabled: false, ...to(9) }),
      route({ name: 'own', businesses: [7], ...to(2) }),
      route({ name: 'codes', categories: ['verification'], countries: ['GB'], ...to(3) }),
      route({ name: 'cn', countries: ['CN'], ...to(4) }),
      route({ name: 'mobile', countries: ['GB', 'US'], prefixes: ['4474', '1201'], ...to(5) }),
      route({ name: 'gb', countries: ['GB'], ...to(6) }),
    ];
    const table = new RouteTable(routes);
    const nameOf = (asked: RouteFacts) => table.routeOf(asked)?.name ?? null;
    expect(nameOf(facts(CN))).toBe('cn');
    expect(nameOf(facts(CN, { businessId: 7 }))).toBe('own');
    expect(nameOf(facts(GB, { category: 'verification' }))).toBe('codes');
    expect(nameOf(facts(GB))).toBe('mobile');
    expect(nameOf(facts(447912345678))).toBe('gb');
    expect(nameOf(facts(US))).toBe('mobile');
    expect(nameOf(facts(33612345678))).toBe(null);
    expect(table.lineOf(facts(33612345678))).toBe(DEFAULT_LINE);
    expect(table.lineOf(facts(CN)).targets).toEqual([{ channelId: 4, weight: 1 }]);
  });

  it('knows the line of a plan without its recipients where they do not matter', () => {
    const table = new RouteTable([
      route({ businesses: [7], ...to(2) }),
      route({ categories: ['marketing'], countries: ['CN'], ...to(3) }),
      route({ categories: ['marketing'], countries: ['GB'], ...to(4) }),
      route({ categories: ['verification'], countries: ['CN'], ...to(8) }),
      route({ categories: ['verification'], prefixes: ['44'], ...to(8) }),
      route({ categories: ['verification'], ...to(8) }),
    ]);
    const channels = (lines: readonly { targets: readonly { channelId: number }[] }[]) =>
      lines.map(({ targets }) => targets[0]?.channelId ?? 'default');
    expect(channels(table.linesOf(7, 'marketing'))).toEqual([2]);
    expect(channels(table.linesOf(5, 'notification'))).toEqual(['default']);
    expect(channels(table.linesOf(5, 'marketing'))).toEqual([3, 4, 'default']);
    // Several routes over the same channels are one line.
    expect(channels(table.linesOf(5, 'verification'))).toEqual([8]);
    expect(table.lineOfAll(5, 'marketing', [CN, CN + 1])?.targets[0]?.channelId).toBe(3);
    expect(table.lineOfAll(5, 'marketing', [CN, GB])).toBe(null);
  });

  it('gives a line the same key in every process, whatever the order its targets are named in', () => {
    const a = { channelId: 1, weight: 70 };
    const b = { channelId: 2, weight: 30 };
    const key = (fields: Partial<Route>) => new RouteTable([route(fields)]).lines[1]!.key;
    expect(key({ targets: [a, b], fallback: [3, 4] })).toBe('1*70,2*30>3,4');
    expect(key({ targets: [b, a], fallback: [3, 4] })).toBe('1*70,2*30>3,4');
    expect(key({ targets: [b, a], sticky: true })).toBe('~1*70,2*30@1');
  });

  const someRoute = fc.record({
    enabled: fc.boolean(),
    countries: fc.uniqueArray(fc.constantFrom('CN', 'GB', 'US', 'CA', 'GG'), { maxLength: 2 }),
    prefixes: fc.uniqueArray(fc.constantFrom('8', '86', '861', '86138', '44', '447', '1', '12', '1201'), {
      maxLength: 3,
    }),
    categories: fc.uniqueArray(fc.constantFrom(...CATEGORIES), { maxLength: 2 }),
    businesses: fc.uniqueArray(fc.constantFrom(5, 6, 7), { maxLength: 2 }),
    targets: fc
      .uniqueArray(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 })
      .map((channels) => channels.map((channelId) => ({ channelId, weight: channelId }))),
    sticky: fc.boolean(),
  });
  const someFacts = fc.record({
    businessId: fc.constantFrom(5, 6, 7, 8),
    category: fc.constantFrom(...CATEGORIES),
    recipient: fc.constantFrom(CN, CN + 7, GB, 447781123456, 447912345678, US, 14165550123, 33612345678, 8700000000),
  });

  it('finds what going through the routes one by one finds, and a line that its plan is known to use', () => {
    fc.assert(
      fc.property(
        fc.array(someRoute, { maxLength: 12 }),
        fc.array(someFacts, { minLength: 1, maxLength: 12 }),
        fc.uniqueArray(fc.integer({ min: 1, max: 4 })),
        (fields, asked, out) => {
          const routes = fields.map((each) => route(each));
          const table = new RouteTable(routes, new Set(out));
          for (const each of asked) {
            const expected = routes.find((candidate) => misfitOf(candidate, each) === null) ?? null;
            expect(table.routeOf(each)).toBe(expected);
            const line = table.lineOf(each);
            expect(table.linesOf(each.businessId, each.category)).toContain(line);
            expect(table.line(line.key)).toBe(line);
            expect(table.lineOfAll(each.businessId, each.category, [each.recipient])).toBe(line);
            if (expected === null) expect(line).toBe(DEFAULT_LINE);
            else for (const target of line.targets) expect(expected.targets).toContainEqual(target);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('a sticky route', () => {
  const targets = [
    { channelId: 1, weight: 50 },
    { channelId: 2, weight: 30 },
    { channelId: 3, weight: 20 },
  ];
  const sticky = route({ targets, sticky: true });
  const channelOf = (table: RouteTable, recipient: number, businessId = 5, tried: number[] = []) =>
    table.lineOf(facts(recipient, { businessId }), tried).targets[0]!.channelId;
  const RECIPIENTS = Array.from({ length: 20_000 }, (_, i) => CN + i);

  it('shares recipients by weight, and says the same of one every time', () => {
    const counts = new Map<number, number>();
    const table = new RouteTable([sticky]);
    for (const recipient of RECIPIENTS) {
      const channelId = channelOf(table, recipient);
      counts.set(channelId, (counts.get(channelId) ?? 0) + 1);
      expect(channelOf(new RouteTable([sticky]), recipient)).toBe(channelId);
    }
    for (const { channelId, weight } of targets) {
      expect(Math.abs(counts.get(channelId)! / RECIPIENTS.length - weight / 100)).toBeLessThan(0.02);
    }
  });

  it('says what it has always said', () => {
    const table = new RouteTable([sticky]);
    const said = RECIPIENTS.slice(0, 24)
      .map((recipient) => channelOf(table, recipient))
      .join('');
    expect(said).toBe('122121113321132112231121');
  });

  it('moves only those whose channel is out, and no other moves when weights stay', () => {
    const before = new RouteTable([sticky]);
    const without = new RouteTable([sticky], new Set([2]));
    const moved = new Map<number, number>();
    for (const recipient of RECIPIENTS) {
      const was = channelOf(before, recipient);
      const is = channelOf(without, recipient);
      if (was !== 2) expect(is).toBe(was);
      else moved.set(is, (moved.get(is) ?? 0) + 1);
      expect(channelOf(before, recipient, 5, [2])).toBe(is);
    }
    // Those of the missing channel are shared by the weights of the others.
    const share = moved.get(1)! / (moved.get(1)! + moved.get(3)!);
    expect(Math.abs(share - 50 / 70)).toBeLessThan(0.03);
  });

  it('keeps its lines when every target is out', () => {
    const table = new RouteTable([sticky], new Set([1, 2, 3]));
    expect(channelOf(table, CN)).toBe(channelOf(new RouteTable([sticky]), CN));
  });

  it('is another choice for another business', () => {
    const table = new RouteTable([sticky]);
    const different = RECIPIENTS.filter((recipient) => channelOf(table, recipient) !== channelOf(table, recipient, 6));
    expect(different.length).toBeGreaterThan(RECIPIENTS.length / 4);
  });
});

describe('the channels in use of a line', () => {
  const line = new RouteTable([
    route({
      targets: [
        { channelId: 1, weight: 7 },
        { channelId: 2, weight: 3 },
      ],
      fallback: [4, 3],
    }),
  ]).lines[1]!;
  const inUse = (...usable: number[]) =>
    channelsInUse(line, (id) => usable.includes(id)).map(({ channelId }) => channelId);

  it('are its usable targets, or the first usable fallback', () => {
    expect(inUse(1, 2, 3, 4)).toEqual([1, 2]);
    expect(inUse(2, 3, 4)).toEqual([2]);
    expect(inUse(3, 4)).toEqual([4]);
    expect(inUse(3)).toEqual([3]);
    expect(inUse()).toEqual([]);
  });
});
