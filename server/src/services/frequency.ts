import type { Category } from '../domain/category.ts';
import { HOUR_MS } from '../domain/frequency.ts';
import { Refused } from '../domain/refusals.ts';
import type { Tx } from '../store/store.ts';
import { type Ctx, single } from './verb.ts';

/** Whose messages are counted. No recipient stands twice. */
export interface Counted {
  businessId: number;
  category: Category;
  recipients: readonly number[];
}

/** Whether anything is counted of messages of a category. */
export const isCounted = ({ limits, settings }: Ctx, category: Category): boolean =>
  limits.counts(category) || settings.longWindows[category].length > 0;

/** Hours ahead of the clock that still count: it may have gone back since. */
const HOURS_AHEAD = 24;

/**
 * Counts one message to each recipient, in memory and, where windows are longer than an hour, in the store.
 * @returns takes it all back, for a request that is refused later in the same transaction
 * @throws Refused (frequencyExceeded) when one of them is over a limit; then nothing is counted
 */
export async function countAll(tx: Tx, ctx: Ctx, counted: Counted): Promise<() => Promise<void>> {
  const at = ctx.now();
  // Most categories have no such window, and every message of a request of one number passes here.
  const hasLong = ctx.settings.longWindows[counted.category].length > 0;
  const overLong = hasLong ? (await longOver(tx, ctx, counted, at))[0] : undefined;
  const over = overLong ?? (await ctx.limits.take(tx.frequency, counted, at));
  if (over !== null) throw tooMany(counted, over);
  const taken = keep(ctx, counted, at);
  return hasLong ? addRest(tx, ctx, taken) : () => giveBack(tx, ctx, taken);
}

/** Whether messages of a category are counted by this process alone, so that nothing has to be waited for. */
export const countsNow = ({ limits, settings }: Ctx, category: Category): boolean =>
  limits.takeNow !== undefined && settings.longWindows[category].length === 0;

/** {@link countAll} at once, where it {@link countsNow}. @returns takes it back @throws Refused (frequencyExceeded) */
export function countNow(ctx: Ctx, counted: Counted): () => void {
  const at = ctx.now();
  const over = ctx.limits.takeNow!(counted, at);
  if (over !== null) throw tooMany(counted, over);
  const taken = keep(ctx, counted, at);
  return () => {
    taken.givenBack = true;
    ctx.limits.undoTake(counted, at);
  };
}

/** What was counted and is not given back. */
export interface Taken {
  counted: Counted;
  at: number;
  /** The position of the first recipient that is over its limit: nothing was counted then. */
  over: number | null;
  givenBack: boolean;
}

/**
 * Counts several requests in one step, but for the windows that are longer than an hour: where counting means asking
 * somebody outside the process, a batch of requests has time for that once. Each must come to {@link countRest} or
 * {@link giveBack}.
 */
export async function countTogether(tx: Tx, ctx: Ctx, all: readonly Counted[]): Promise<Taken[]> {
  const at = ctx.now();
  const overs = await ctx.limits.takeAll(tx.frequency, all, at);
  return all.map((counted, i) => {
    const over = overs[i]!;
    return over === null ? keep(ctx, counted, at) : { counted, at, over, givenBack: true };
  });
}

/** Counts in the windows that are longer than an hour what was counted together with others; see {@link countAll}. */
export async function countRest(tx: Tx, ctx: Ctx, taken: Taken): Promise<() => Promise<void>> {
  const { counted, at } = taken;
  const over = (await longOver(tx, ctx, counted, at))[0] ?? taken.over;
  if (over === null) return addRest(tx, ctx, taken);
  await giveBack(tx, ctx, taken);
  throw tooMany(counted, over);
}

/** Takes back what was counted in windows up to an hour. */
export async function giveBack(tx: Tx, ctx: Ctx, taken: Taken): Promise<void> {
  if (taken.givenBack) return;
  taken.givenBack = true;
  await ctx.limits.giveBack(tx.frequency, taken.counted, taken.at);
}

async function addRest(tx: Tx, ctx: Ctx, taken: Taken): Promise<() => Promise<void>> {
  const { counted, at } = taken;
  await addLong(tx, ctx, counted, at, 1);
  return async () => {
    await giveBack(tx, ctx, taken);
    await addLong(tx, ctx, counted, at, -1);
  };
}

const tooMany = ({ recipients }: Counted, over: number): Refused =>
  new Refused({ code: 'frequencyExceeded', recipient: recipients[over]! });

/**
 * Counts one message to each recipient that stays within its limits.
 * @returns the positions of the others, rising
 */
export async function countEach(tx: Tx, ctx: Ctx, counted: Counted): Promise<readonly number[]> {
  const { recipients } = counted;
  const at = ctx.now();
  const over = new Set(await longOver(tx, ctx, counted, at));
  const places = over.size === 0 ? null : recipients.map((_, i) => i).filter((i) => !over.has(i));
  const among = places === null ? counted : { ...counted, recipients: places.map((i) => recipients[i]!) };
  for (const i of await ctx.limits.takeEach(tx.frequency, among, at)) over.add(places === null ? i : places[i]!);
  const kept = { ...counted, recipients: over.size === 0 ? recipients : recipients.filter((_, i) => !over.has(i)) };
  keep(ctx, kept, at);
  await addLong(tx, ctx, kept, at, 1);
  return [...over].sort((a, b) => a - b);
}

/** Takes back what was counted at a time, in a transaction of its own. */
export const uncount = single(async (tx, ctx, { counted, at }: { counted: Counted; at: number }): Promise<void> => {
  await addLong(tx, ctx, counted, at, -1);
  await ctx.limits.giveBack(tx.frequency, counted, at);
  ctx.onRollback(() => ctx.limits.undoGiveBack(counted, at));
});

/** Removes counts of hours that are in no window any more, a bounded number at once. */
export const forgetFrequency = single(async (tx, ctx, input: { limit: number }): Promise<{ dropped: number }> => {
  const lengths = Object.values(ctx.settings.longWindows).flatMap((lists) =>
    lists.flatMap(({ windows }) => windows.map(({ windowMs }) => windowMs)),
  );
  const from = hourOf(ctx.now() - Math.max(0, ...lengths));
  const dropped = await tx.frequency.dropBefore(from, input.limit);
  // Windows that are counted to the millisecond reach an hour back.
  return { dropped: dropped + (await tx.frequency.dropTimesBefore(hourOf(ctx.now()) - 1, input.limit)) };
});

/** Sees to it that what was taken is not counted when it is rolled back, unless it was given back before. */
function keep(ctx: Ctx, counted: Counted, at: number): Taken {
  const taken: Taken = { counted, at, over: null, givenBack: false };
  ctx.onRollback(() => {
    if (!taken.givenBack) ctx.limits.undoTake(counted, at);
  });
  return taken;
}

/** Positions of those who are over a window that is counted in the store. */
async function longOver(tx: Tx, ctx: Ctx, counted: Counted, at: number): Promise<number[]> {
  const over = new Set<number>();
  for (const { category, windows } of ctx.settings.longWindows[counted.category]) {
    for (const { limit, windowMs } of windows) {
      // The hour in which the window begins counts whole: a message is forgotten up to an hour late, never early.
      const [from, to] = [hourOf(at - windowMs + 1), hourOf(at) + HOURS_AHEAD];
      const counts = await tx.frequency.count(counted.businessId, category, counted.recipients, from, to);
      for (let i = 0; i < counts.length; i++) if (counts[i]! >= limit) over.add(i);
    }
  }
  return [...over].sort((a, b) => a - b);
}

async function addLong(tx: Tx, ctx: Ctx, counted: Counted, at: number, by: 1 | -1): Promise<void> {
  for (const { category } of ctx.settings.longWindows[counted.category]) {
    await tx.frequency.add(counted.businessId, category, counted.recipients, hourOf(at), by);
  }
}

const hourOf = (ms: number): number => Math.floor(ms / HOUR_MS);
