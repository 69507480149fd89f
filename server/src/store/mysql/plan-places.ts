import { type Category, categoryCode } from '../../domain/category.ts';
import { planCode } from '../../domain/plan.ts';
import type { Database, Row } from './database.ts';

/** Lists of `plan_place` beside those of categories, whose numbers are their codes. */
export const PENDING = 4;
export const ENDING = 5;
export const COUNTED = 6;
export const DRAFTS = 7;
export const CANCELLED = 8;

const OPEN_STATES = [planCode('staged'), planCode('pending'), planCode('running'), planCode('paused')];
const PENDING_STATE = planCode('pending');
const CANCELLED_STATE = planCode('cancelled');
const DRAFT_STATE = planCode('draft');

/** What decides where a plan stands, by the names of its columns. */
export type Placed = Pick<Row, 'id' | 'category' | 'state' | 'expires_at' | 'start_at' | 'counted_at' | 'done_at'>;

/** The same as columns of a question. */
export const PLACED = 'id, category, state, expires_at, start_at, counted_at, done_at';

/** Places as a table `r`: MariaDB takes seconds to plan a list of 2,000 rows of three columns in an IN. */
const PLACES = `JSON_TABLE(?, '$[*]' COLUMNS (l TINYINT PATH '$[0]', a BIGINT PATH '$[1]', p BIGINT PATH '$[2]')) r`;

type Place = [list: number, at: number, planId: number];

/** The list of a category's open plans. */
export const openList = (category: Category): number => categoryCode(category);

function placesOf(plan: Placed): Place[] {
  const id = plan.id as number;
  const places: Place[] = [];
  if (OPEN_STATES.includes(plan.state as number)) {
    places.push([plan.category as number, plan.expires_at as number, id]);
  }
  if (plan.state === PENDING_STATE && plan.start_at !== null) places.push([PENDING, plan.start_at as number, id]);
  if (plan.state === CANCELLED_STATE && plan.done_at === null) places.push([ENDING, 0, id]);
  if (plan.state === CANCELLED_STATE) places.push([CANCELLED, 0, id]);
  if (plan.state === DRAFT_STATE) places.push([DRAFTS, 0, id]);
  if (plan.counted_at !== null) places.push([COUNTED, plan.counted_at as number, id]);
  return places;
}

/** Puts new plans where they are looked for. */
export async function placePlans(db: Database, plans: readonly Placed[]): Promise<void> {
  const places = plans.flatMap(placesOf);
  if (places.length > 0) await db.run('INSERT INTO plan_place (list, at, plan_id) VALUES ?', places);
}

/** Moves plans that have changed. `pairs`: how each was, and (null: it is gone) how it is. */
export async function replacePlans(db: Database, pairs: readonly (readonly [Placed, Placed | null])[]): Promise<void> {
  const left: Place[] = [];
  const taken: Place[] = [];
  for (const [before, after] of pairs) {
    const [old, now] = [placesOf(before), after === null ? [] : placesOf(after)];
    left.push(...old.filter((place) => !now.some((other) => same(place, other))));
    taken.push(...now.filter((place) => !old.some((other) => same(place, other))));
  }
  if (left.length > 0) {
    await db.run(
      `DELETE o FROM ${PLACES} STRAIGHT_JOIN plan_place o ON o.list = r.l AND o.at = r.a AND o.plan_id = r.p`,
      JSON.stringify(left),
    );
  }
  if (taken.length > 0) await db.run('INSERT INTO plan_place (list, at, plan_id) VALUES ?', taken);
}

const same = (one: Place, other: Place): boolean => one[0] === other[0] && one[1] === other[1] && one[2] === other[2];
