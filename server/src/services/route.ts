import type { Category } from '../domain/category.ts';
import { must } from '../domain/refusals.ts';
import { channelsOfRoute, checkRoute, ROUTE_LIMITS, type Route, type RouteFields } from '../domain/route.ts';
import { explainRoute, type RouteExplanation, type StandingChannel } from '../domain/route-explanation.ts';
import { ROUTE_FIGURES_KEPT_MS, type RouteFigure } from '../domain/route-figure.ts';
import type { Reader, Tx } from '../store/store.ts';
import { addEvent } from './event.ts';
import { dropRouteTable } from './hot-rows.ts';
import { type ActorRef, type Ctx, single } from './verb.ts';

const HOUR_MS = 3_600_000;

/** A route and its place in the order, from 1. */
export type PlacedRoute = Route & { position: number };

/** Adds a route at a place in the order, or behind all others. */
export const createRoute = single(
  async (tx, ctx, input: { actor: ActorRef; fields: RouteFields; position: number | null }): Promise<PlacedRoute> => {
    const { actor, fields, position } = input;
    must(actor.admin, { code: 'adminOnly' });
    await check(tx, fields, null);
    const before = await tx.routes.list();
    must(before.length < ROUTE_LIMITS.routes, { code: 'tooManyRoutes', limit: ROUTE_LIMITS.routes });
    const at = ctx.now();
    const id = await tx.routes.insert({ ...fields, createdAt: at, updatedAt: at });
    if (position !== null) await place(tx, id, position);
    await changed(tx, ctx, actor, id, 'created');
    return (await findRoute(tx, { id }))!;
  },
);

/** Changes a route, and where it stands. What is left out stays. */
export const editRoute = single(
  async (
    tx,
    ctx,
    input: { actor: ActorRef; id: number; fields: Partial<RouteFields>; position: number | null },
  ): Promise<PlacedRoute> => {
    const { actor, id, fields, position } = input;
    must(actor.admin, { code: 'adminOnly' });
    const route = await tx.routes.byId(id);
    must(route !== null, { code: 'routeNotFound' });
    const edited = { ...route, ...fields };
    await check(tx, edited, id);
    await tx.routes.update({ ...edited, updatedAt: ctx.now() });
    if (position !== null) await place(tx, id, position);
    await changed(tx, ctx, actor, id, position === null || Object.keys(fields).length > 0 ? 'edited' : 'moved');
    return (await findRoute(tx, { id }))!;
  },
);

export const deleteRoute = single(async (tx, ctx, input: { actor: ActorRef; id: number }): Promise<void> => {
  must(input.actor.admin, { code: 'adminOnly' });
  must((await tx.routes.byId(input.id)) !== null, { code: 'routeNotFound' });
  await tx.routes.delete(input.id);
  await changed(tx, ctx, input.actor, input.id, 'deleted');
});

/** All routes, in their order. */
export async function listRoutes(reader: Reader, _input: Record<string, never>): Promise<PlacedRoute[]> {
  return (await reader.routes.list()).map((route, i) => ({ ...route, position: i + 1 }));
}

/** One route, or null. */
export async function findRoute(reader: Reader, input: { id: number }): Promise<PlacedRoute | null> {
  return (await listRoutes(reader, {})).find(({ id }) => id === input.id) ?? null;
}

/** Where a message would go now, and why. `channels`: all that there are, as they stand, in the order of their ids. */
export const explain = async (
  reader: Reader,
  input: { businessId: number; category: Category; recipient: number; channels: StandingChannel[] },
): Promise<RouteExplanation> => explainRoute(await reader.routes.list(), input.channels, input);

/** Adds what routes did since they were last counted; what was counted of routes that are gone is nobody's. */
export const countRoutes = single(async (tx, ctx, input: { figures: readonly RouteFigure[] }): Promise<void> => {
  const there = new Set((await tx.routes.list()).map(({ id }) => id));
  const hour = hourOf(ctx.now());
  await tx.routes.count(
    hour,
    input.figures.filter(({ routeId }) => routeId === null || there.has(routeId)),
  );
  await tx.routes.forgetFigures(hourOf(ctx.now() - ROUTE_FIGURES_KEPT_MS));
});

/** What routes did in the last so many hours, the one that runs among them. */
export async function routeFigures(
  reader: Reader,
  input: { at: number; hours: number },
): Promise<{ since: number; figures: RouteFigure[] }> {
  const first = hourOf(input.at) - input.hours + 1;
  return { since: first * HOUR_MS, figures: await reader.routes.figures(first) };
}

/** Hours since 1970. */
const hourOf = (at: number): number => Math.floor(at / HOUR_MS);

/** @throws Refused when something it names is not there, or its name is taken. @param id of the route that is edited */
async function check(tx: Tx, fields: RouteFields, id: number | null): Promise<void> {
  checkRoute(fields);
  const named = await tx.routes.byName(fields.name);
  must(named === null || named.id === id, { code: 'routeNameTaken' });
  for (const { channelId } of fields.targets) await mustHaveChannel(tx, channelId, 'targets');
  for (const channelId of fields.fallback) await mustHaveChannel(tx, channelId, 'fallback');
  for (const businessId of fields.businesses) {
    const rule = `there is no business ${businessId}`;
    must((await tx.businesses.byId(businessId)) !== null, { code: 'invalidField', field: 'businesses', rule });
  }
}

async function mustHaveChannel(tx: Tx, channelId: number, field: 'targets' | 'fallback'): Promise<void> {
  const rule = `there is no channel ${channelId}`;
  must((await tx.channels.byId(channelId)) !== null, { code: 'invalidField', field, rule });
}

async function place(tx: Tx, id: number, position: number): Promise<void> {
  const ids = (await tx.routes.list()).map((route) => route.id).filter((other) => other !== id);
  ids.splice(position - 1, 0, id);
  await tx.routes.reorder(ids);
}

async function changed(
  tx: Tx,
  ctx: Ctx,
  actor: ActorRef,
  routeId: number,
  change: 'created' | 'edited' | 'moved' | 'deleted',
): Promise<void> {
  dropRouteTable(ctx);
  await addEvent(tx, ctx, actor.businessId, { kind: 'route.changed', routeId, change });
  ctx.notify({ kind: 'routesChanged' });
}

/** Names of the routes that name a channel, in their order. */
export async function routesNaming(reader: Reader, channelId: number): Promise<string[]> {
  const routes = await reader.routes.list();
  return routes.filter((route) => channelsOfRoute(route).includes(channelId)).map(({ name }) => name);
}
