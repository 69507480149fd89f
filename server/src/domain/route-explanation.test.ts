import { describe, expect, it } from 'vitest';
import type { Route } from './route.ts';
import { type ChannelStanding, explainRoute } from './route-explanation.ts';

const CN = 8613800138000;

const route = (id: number, fields: Partial<Route>): Route => ({
  id,
  name: `r${id}`,
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
const channels = (...standings: ChannelStanding[]) =>
  standings.map((standing, i) => ({ id: i + 1, name: `c${i + 1}`, standing }));
const explain = (routes: Route[], standings: ChannelStanding[], recipient = CN) => {
  const found = explainRoute(routes, channels(...standings), { businessId: 5, category: 'marketing', recipient });
  return {
    route: found.route?.id ?? null,
    asked: found.asked.map(({ route, misfit }) => [route.id, misfit]),
    channels: found.channels.map(({ id, role, share, reason }) => [id, role, Math.round(share * 100), reason]),
  };
};

const SHARED: Partial<Route> = {
  targets: [
    { channelId: 1, weight: 70 },
    { channelId: 2, weight: 30 },
  ],
  fallback: [3, 4],
};

describe('an explanation', () => {
  it('names every route that was passed by and why, up to the one that fits', () => {
    const routes = [
      route(1, { enabled: false }),
      route(2, { businesses: [6] }),
      route(3, { categories: ['verification'] }),
      route(4, { countries: ['GB'] }),
      route(5, { prefixes: ['44'] }),
      route(6, {}),
      route(7, {}),
    ];
    expect(explain(routes, ['up'])).toEqual({
      route: 6,
      asked: [
        [1, 'disabled'],
        [2, 'business'],
        [3, 'category'],
        [4, 'country'],
        [5, 'prefix'],
        [6, null],
      ],
      channels: [[1, 'target', 100, 'used']],
    });
  });

  it('says what each channel takes, and why another does not', () => {
    const all = (...standings: ChannelStanding[]) => explain([route(1, SHARED)], standings).channels;
    expect(all('up', 'broken', 'up', 'up')).toEqual([
      [1, 'target', 70, 'used'],
      [2, 'target', 30, 'used'],
      [3, 'fallback', 0, 'targetUsable'],
      [4, 'fallback', 0, 'targetUsable'],
    ]);
    expect(all('down', 'up', 'up', 'up').map(([, , share, reason]) => [share, reason])).toEqual([
      [0, 'notUsable'],
      [100, 'used'],
      [0, 'targetUsable'],
      [0, 'targetUsable'],
    ]);
    expect(all('down', 'disabled', 'up', 'up').map(([, , share, reason]) => [share, reason])).toEqual([
      [0, 'notUsable'],
      [0, 'notUsable'],
      [100, 'used'],
      [0, 'fallbackBefore'],
    ]);
    expect(all('down', 'down', 'down', 'down').map(([, , share]) => share)).toEqual([0, 0, 0, 0]);
  });

  it('names the one target of a recipient where the route is sticky, and the next one while that is down', () => {
    const sticky = route(1, { ...SHARED, sticky: true });
    const targetOf = (standings: ChannelStanding[], recipient: number) =>
      explain([sticky], standings, recipient).channels.filter(([, , share]) => share === 100);
    const recipients = Array.from({ length: 50 }, (_, i) => CN + i);
    const firsts = recipients.map((recipient) => targetOf(['up', 'up', 'up', 'up'], recipient)[0]![0]);
    expect(new Set(firsts)).toEqual(new Set([1, 2]));
    for (const recipient of recipients) {
      expect(targetOf(['down', 'up', 'up', 'up'], recipient)).toEqual([[2, 'target', 100, 'used']]);
    }
    const other = explain([sticky], ['up', 'up', 'up', 'up'], recipients[firsts.indexOf(2)]).channels;
    expect(other[0]).toEqual([1, 'target', 0, 'stuckToAnother']);
  });

  it('without a route that fits names the lowest enabled channel, whether it is up or not', () => {
    expect(explain([], ['disabled', 'down', 'up'])).toEqual({
      route: null,
      asked: [],
      channels: [
        [1, 'default', 0, 'notUsable'],
        [2, 'default', 100, 'used'],
        [3, 'default', 0, 'notLowest'],
      ],
    });
  });
});
