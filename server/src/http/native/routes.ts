import Type, { type Static } from 'typebox';
import { CATEGORIES } from '../../domain/category.ts';
import { parseRecipient } from '../../domain/recipient.ts';
import { must } from '../../domain/refusals.ts';
import {
  ROUTE_LIMITS,
  ROUTE_NAME,
  ROUTE_NAME_RULE,
  ROUTE_PREFIX,
  type RouteFields,
  TARGET_WEIGHT,
} from '../../domain/route.ts';
import { CHANNEL_REASONS } from '../../domain/route-explanation.ts';
import { MISFITS } from '../../domain/route-table.ts';
import { isoTime } from '../../lib/clock.ts';
import type { QueryValue } from '../../services/desk.ts';
import type { HttpDeps } from '../deps.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { Count, closed, Id, IdText, listOf, orNull, pageQuery, Time, word } from './fields.ts';
import { limitOf, pageOf, placeOf } from './list.ts';
import { whyAll, whyChannel, whyRoute } from './route-words.ts';
import { businessOf } from './scope.ts';

const Name = Type.String({ pattern: ROUTE_NAME.source, description: ROUTE_NAME_RULE });
const Enabled = Type.Boolean({ description: 'true or false: whether messages are compared with it' });
const Position = Type.Integer({
  minimum: 1,
  maximum: ROUTE_LIMITS.routes,
  description: 'its place in the order, from 1; the first route that fits decides',
});

const Countries = Type.Array(Type.String({ pattern: '^[A-Z]{2}$' }), {
  maxItems: ROUTE_LIMITS.countries,
  description: 'ISO 3166-1 alpha-2 codes in upper case; none: any country',
});
const Prefixes = Type.Array(Type.String({ pattern: ROUTE_PREFIX.source }), {
  maxItems: ROUTE_LIMITS.prefixes,
  description: 'what numbers in E.164 begin with, 1 to 15 digits without +; none: any number',
});
const Categories = Type.Array(word(CATEGORIES), {
  description: `some of ${CATEGORIES.join(', ')}; none: any category`,
});
const Businesses = Type.Array(Id, {
  maxItems: ROUTE_LIMITS.businesses,
  description: 'ids of businesses; none: any business',
});

const Weight = Type.Integer({
  minimum: TARGET_WEIGHT.min,
  maximum: TARGET_WEIGHT.max,
  description: `an integer from ${TARGET_WEIGHT.min} to ${TARGET_WEIGHT.max}: its share beside those of the others`,
});
const TargetBody = closed({ channel_id: Id, weight: Weight }, { title: 'Target' });
const Targets = Type.Array(TargetBody, {
  minItems: 1,
  maxItems: ROUTE_LIMITS.channels,
  description: `1 to ${ROUTE_LIMITS.channels} channels that share its messages by weight`,
});
const NewTargets = Type.Array(closed({ channel_id: Id, weight: Type.Optional(Weight) }), {
  minItems: 1,
  maxItems: ROUTE_LIMITS.channels,
  description: `1 to ${ROUTE_LIMITS.channels} channels with their weights (1 where it is left out)`,
});
const Fallback = Type.Array(Id, {
  maxItems: ROUTE_LIMITS.channels,
  description: 'ids of channels, in order: the first usable one takes over while no target can be used',
});
const Sticky = Type.Boolean({
  description: 'true or false: whether messages of a business to one number always go over the same target',
});

const settings = {
  enabled: Enabled,
  countries: Countries,
  prefixes: Prefixes,
  categories: Categories,
  businesses: Businesses,
  fallback: Fallback,
  sticky: Sticky,
};

const RouteBody = closed(
  { id: Id, position: Position, name: Name, ...settings, targets: Targets, created_at: Time, updated_at: Time },
  { title: 'Route' },
);
const NewRoute = closed(
  {
    name: Name,
    targets: NewTargets,
    position: Type.Optional(Position),
    ...Type.Partial(closed(settings)).properties,
  },
  { title: 'NewRoute' },
);
const RouteEdit = Type.Partial(closed({ name: Name, targets: NewTargets, position: Position, ...settings }), {
  additionalProperties: false,
  title: 'RouteEdit',
});

const Why = Type.String({ description: 'why, for people, in English' });
const Explanation = closed(
  {
    to: Type.String({ description: 'E.164, with +' }),
    country: orNull(Type.String({ description: 'ISO 3166-1 alpha-2' })),
    business_id: Id,
    category: word(CATEGORIES),
    route_id: orNull(Id),
    channel_id: Type.Union([Id, Type.Null()], {
      description: 'the channel, where one alone takes such messages now; null where several share them, or none does',
    }),
    sticky: Type.Boolean({ description: 'whether the route that fits is sticky' }),
    simulator: Type.Boolean({ description: 'whether the built-in simulator takes what no channel takes' }),
    why: Why,
    routes: Type.Array(
      closed({
        id: Id,
        position: Position,
        name: Name,
        fits: Type.Boolean(),
        misfit: orNull(word(MISFITS, 'the first of its conditions that is missed')),
        why: Why,
      }),
      {
        description: 'the routes that were asked, in their order; the last one fits, unless none does',
      },
    ),
    channels: Type.Array(
      closed({
        id: Id,
        name: Type.String(),
        role: word(['target', 'fallback', 'default']),
        weight: orNull(Count),
        standing: word(
          ['up', 'broken', 'down', 'disabled'],
          'up; broken: its link is down, and messages wait for it for a while; down: its link stays down; or disabled',
        ),
        share: Type.Number({ minimum: 0, maximum: 1, description: 'the part of such messages it takes now' }),
        reason: word(CHANNEL_REASONS),
        why: Why,
      }),
      { description: 'the channels that were considered' },
    ),
  },
  { title: 'RouteExplanation' },
);

const params = closed({ id: IdText });

type Route = NonNullable<QueryValue<'findRoute'>>;

/** Which channels take which messages. Only the administrator sees routes. */
export const routeEndpoints = ({ desk, facts }: HttpDeps): Endpoint[] => {
  const describe = { tag: 'routes', admin: true } as const;
  return [
    endpoint(
      'GET /routes',
      { ...describe, summary: 'All routes, in their order', query: closed(pageQuery), answer: listOf(RouteBody) },
      async ({ query }) => {
        const limit = limitOf(query);
        const after = placeOf(query, 1)?.[0] ?? 0;
        const routes = (await desk.ask('listRoutes', {})).slice(after, after + limit + 1);
        return pageOf(routes, limit, (last) => [last.position], view);
      },
    ),
    endpoint(
      'GET /routes/explain',
      {
        ...describe,
        summary: 'Where a message would go now, and why',
        query: closed({
          to: Type.String({ pattern: '^[+ ]?[1-9][0-9]{4,14}$', description: 'a number in E.164, with or without +' }),
          category: word(CATEGORIES),
          business: Type.Optional(
            Type.String({
              pattern: '^[A-Za-z0-9._-]{1,64}$',
              description: 'whose message it is, by id or user name; your own unless given',
            }),
          ),
        }),
        answer: Explanation,
      },
      async ({ actor, query }) => {
        const recipient = parseRecipient(`+${query.to.replace(/^[+ ]/, '')}`, null);
        must(recipient !== null, { code: 'invalidField', field: 'to', rule: 'a mobile number in E.164' });
        const businessId =
          query.business === undefined ? actor.businessId : (await businessOf(desk, actor, query.business)).id;
        const { channels } = await desk.ask('listChannels', {});
        const standings = facts.channelStandings();
        const asked = { businessId, category: query.category, recipient };
        const found = await desk.ask('explainRoute', {
          ...asked,
          channels: channels.map(({ id, name }) => ({ id, name, standing: standings.get(id) ?? 'disabled' })),
        });
        const used = found.channels.filter(({ share }) => share > 0);
        return {
          to: `+${recipient}`,
          country: found.country,
          business_id: businessId,
          category: query.category,
          route_id: found.route?.id ?? null,
          channel_id: used.length === 1 ? used[0]!.id : null,
          sticky: found.route?.sticky ?? false,
          simulator: facts.simulating(),
          why: whyAll(found, facts.simulating()),
          routes: found.asked.map(({ route, misfit }, i) => ({
            id: route.id,
            position: i + 1,
            name: route.name,
            fits: misfit === null,
            misfit,
            why: whyRoute(route, misfit, { ...asked, country: found.country }),
          })),
          channels: found.channels.map((channel) => {
            const { id, name, role, weight, standing, share, reason } = channel;
            const why = whyChannel(channel, found.route?.sticky ?? false);
            return { id, name, role, weight, standing, share, reason, why };
          }),
        };
      },
    ),
    endpoint(
      'POST /routes',
      { ...describe, summary: 'Add a route', body: NewRoute, status: 201, answer: RouteBody },
      async ({ actor, body }) => {
        const nothing = { countries: [], prefixes: [], categories: [], businesses: [], fallback: [], sticky: false };
        const { name, targets, position = null, ...given } = body;
        const fields = { enabled: true, ...nothing, ...given, name, targets: targetsOf(targets) };
        return view(await desk.do('createRoute', { actor, fields, position }));
      },
    ),
    endpoint(
      'GET /routes/:id',
      { ...describe, summary: 'One route', params, answer: RouteBody },
      async ({ params }) => {
        const route = await desk.ask('findRoute', { id: Number(params.id) });
        must(route !== null, { code: 'routeNotFound' });
        return view(route);
      },
    ),
    endpoint(
      'PATCH /routes/:id',
      {
        ...describe,
        summary: 'Change a route or move it to another place; what is left out stays, lists are replaced',
        params,
        body: RouteEdit,
        answer: RouteBody,
      },
      async ({ actor, params, body }) => {
        const { targets, position = null, ...given } = body;
        const fields: Partial<RouteFields> = { ...given, ...(targets && { targets: targetsOf(targets) }) };
        return view(await desk.do('editRoute', { actor, id: Number(params.id), fields, position }));
      },
    ),
    endpoint(
      'DELETE /routes/:id',
      { ...describe, summary: 'Take a route away; what waits goes by the others', params, answer: null },
      async ({ actor, params }) => {
        await desk.do('deleteRoute', { actor, id: Number(params.id) });
      },
    ),
  ];
};

const targetsOf = (targets: Static<typeof NewTargets>): RouteFields['targets'] =>
  targets.map(({ channel_id, weight = 1 }) => ({ channelId: channel_id, weight }));

const view = (route: Route): Static<typeof RouteBody> => ({
  id: route.id,
  position: route.position,
  name: route.name,
  enabled: route.enabled,
  countries: route.countries,
  prefixes: route.prefixes,
  categories: route.categories,
  businesses: route.businesses,
  targets: route.targets.map(({ channelId, weight }) => ({ channel_id: channelId, weight })),
  fallback: route.fallback,
  sticky: route.sticky,
  created_at: isoTime(route.createdAt),
  updated_at: isoTime(route.updatedAt),
});
