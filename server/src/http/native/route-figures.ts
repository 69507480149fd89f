import Type from 'typebox';
import { must } from '../../domain/refusals.ts';
import { NO_COUNTS, ROUTE_FIGURES_KEPT_MS, type RouteCounts, type RouteFigure } from '../../domain/route-figure.ts';
import { isoTime } from '../../lib/clock.ts';
import type { HttpDeps } from '../deps.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { closed, Id, orNull, Time } from './fields.ts';

/** Most hours that are asked for: so long are counts kept. */
const MAX_HOURS = ROUTE_FIGURES_KEPT_MS / 3_600_000;

const counts = {
  messages: Type.Integer({ minimum: 0, description: 'given to a channel; again each time one is given to a channel' }),
  fallback: Type.Integer({ minimum: 0, description: 'of these, to a fallback' }),
  stand_in: Type.Integer({
    minimum: 0,
    description: 'of these, while a target could not be used: others took its part',
  }),
  passed_on: Type.Integer({ minimum: 0, description: 'refused by a channel, and passed on to another of the route' }),
  dead_ends: Type.Integer({ minimum: 0, description: 'refused by every channel of the route: they failed' }),
};
const RouteFigures = closed(
  {
    hours: Type.Integer({ minimum: 1, description: 'how many hours are counted, the one that runs among them' }),
    since: Time,
    items: Type.Array(
      closed({
        route_id: Type.Union([Id, Type.Null()], { description: 'null: no route fits; the default channel takes them' }),
        name: orNull(Type.String({ description: 'of the route' })),
        ...counts,
        channels: Type.Array(
          closed({ channel_id: Type.Integer({ minimum: 0, description: '0: the built-in simulator' }), ...counts }),
        ),
      }),
      { description: 'every route in its order, then what no route fits, where there was any' },
    ),
  },
  { title: 'RouteFigures' },
);

/** What routes did. Only the administrator sees routes. */
export const routeFigureEndpoints = ({ desk, clock }: HttpDeps): Endpoint[] => [
  endpoint(
    'GET /routes/figures',
    {
      tag: 'routes',
      admin: true,
      summary: 'How often each route was used, fell back, failed over, and found no channel that takes a message',
      query: closed({
        hours: Type.Optional(
          Type.String({ pattern: '^[1-9][0-9]{0,2}$', description: `how many hours, 1 to ${MAX_HOURS}; left out: 24` }),
        ),
      }),
      answer: RouteFigures,
    },
    async ({ query }) => {
      const hours = Number(query.hours ?? 24);
      must(hours <= MAX_HOURS, { code: 'invalidField', field: 'hours', rule: `an integer from 1 to ${MAX_HOURS}` });
      const { since, figures } = await desk.ask('routeFigures', { at: clock.now(), hours });
      const routes = await desk.ask('listRoutes', {});
      const none = figures.some(({ routeId }) => routeId === null) ? [{ id: null, name: null }] : [];
      return {
        hours,
        since: isoTime(since),
        items: [...routes, ...none].map(({ id, name }) => {
          const own = figures.filter(({ routeId }) => routeId === id);
          return {
            route_id: id,
            name,
            ...countsView(own),
            channels: own.map((figure) => ({ channel_id: figure.channelId, ...countsView([figure]) })),
          };
        }),
      };
    },
  ),
];

function countsView(figures: readonly RouteFigure[]) {
  const sum = (of: keyof RouteCounts) => figures.reduce((total, figure) => total + figure[of], NO_COUNTS[of]);
  return {
    messages: sum('given'),
    fallback: sum('fallback'),
    stand_in: sum('standIn'),
    passed_on: sum('passedOn'),
    dead_ends: sum('deadEnds'),
  };
}
