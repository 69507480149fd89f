import { CATEGORIES, type Category } from './category.ts';
import { CHANNEL_NAME } from './channel.ts';
import { isCountry } from './recipient.ts';
import { must } from './refusals.ts';

/** A channel a route sends over. Of several, each takes its weight's share of the segments. */
export interface Target {
  channelId: number;
  weight: number;
}

/** Which messages a route is for; an empty list asks for nothing. A message has to fit every list that is not empty. */
export interface RouteConditions {
  /** ISO 3166-1 alpha-2, in upper case. */
  countries: string[];
  /** The first digits of numbers in E.164, without +. */
  prefixes: string[];
  categories: Category[];
  /** Ids. */
  businesses: number[];
}

/** Where messages go that a route is for. */
export interface RouteWays {
  /** At least one. */
  targets: Target[];
  /** Channels used, the first that is usable, while none of the targets is. */
  fallback: number[];
  /** Whether all messages of a business to one number go over the same target as long as it is usable. */
  sticky: boolean;
}

/** A rule that says which channels take a message. Routes stand in an order, and the first that fits decides. */
export interface Route extends RouteConditions, RouteWays {
  id: number;
  name: string;
  enabled: boolean;
  createdAt: number;
  updatedAt: number;
}

/** What may be set of a route. */
export type RouteFields = Omit<Route, 'id' | 'createdAt' | 'updatedAt'>;

export const ROUTE_NAME = CHANNEL_NAME;
/** What one installation may have, and what one route may name. */
export const ROUTE_LIMITS = {
  routes: 1_000,
  countries: 250,
  prefixes: 1_000,
  businesses: 1_000,
  channels: 16,
} as const;
export const TARGET_WEIGHT = { min: 1, max: 1_000 } as const;
export const ROUTE_PREFIX = /^[1-9][0-9]{0,14}$/;

/** Every channel a route names. */
export const channelsOfRoute = ({ targets, fallback }: RouteWays): number[] => [
  ...targets.map(({ channelId }) => channelId),
  ...fallback,
];

/** @throws Refused (invalidField) for what can be seen to be wrong without looking anywhere */
export function checkRoute(route: RouteFields): void {
  const field = (holds: boolean, name: keyof RouteFields, rule: string) =>
    must(holds, { code: 'invalidField', field: name, rule });
  field(ROUTE_NAME.test(route.name), 'name', ROUTE_NAME_RULE);
  for (const country of route.countries) {
    field(isCountry(country), 'countries', `${country} is no country with numbers (ISO 3166-1 alpha-2, upper case)`);
  }
  for (const prefix of route.prefixes) {
    field(ROUTE_PREFIX.test(prefix), 'prefixes', 'each: 1 to 15 digits as numbers in E.164 begin, without +');
  }
  field(
    route.categories.every((category) => CATEGORIES.includes(category)),
    'categories',
    `each: one of ${CATEGORIES.join(', ')}`,
  );
  for (const name of ['countries', 'prefixes', 'categories', 'businesses'] as const) {
    field(new Set<unknown>(route[name]).size === route[name].length, name, 'names nothing twice');
  }
  for (const name of ['countries', 'prefixes', 'businesses'] as const) {
    field(route[name].length <= ROUTE_LIMITS[name], name, `at most ${ROUTE_LIMITS[name]}`);
  }
  field(route.targets.length > 0, 'targets', 'at least one channel');
  for (const { weight } of route.targets) {
    const fits = Number.isInteger(weight) && weight >= TARGET_WEIGHT.min && weight <= TARGET_WEIGHT.max;
    field(fits, 'targets', `each weight: an integer from ${TARGET_WEIGHT.min} to ${TARGET_WEIGHT.max}`);
  }
  field(route.targets.length <= ROUTE_LIMITS.channels, 'targets', `at most ${ROUTE_LIMITS.channels}`);
  field(route.fallback.length <= ROUTE_LIMITS.channels, 'fallback', `at most ${ROUTE_LIMITS.channels}`);
  const targets = new Set(route.targets.map(({ channelId }) => channelId));
  field(targets.size === route.targets.length, 'targets', 'names no channel twice');
  field(new Set(route.fallback).size === route.fallback.length, 'fallback', 'names no channel twice');
  field(!route.fallback.some((id) => targets.has(id)), 'fallback', 'names no channel that is a target');
}

export const ROUTE_NAME_RULE = '1 to 64 letters, digits, dots, dashes or underscores, starting with a letter or digit';
