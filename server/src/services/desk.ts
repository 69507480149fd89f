import { Refused } from '../domain/refusals.ts';
import type { Logger } from '../lib/log.ts';
import type { Notice } from './verb.ts';
import type { Queries, Verbs } from './verbs.ts';

type InputOf<V> = V extends { rows(input: infer I): number } ? I : never;
type ValueOf<V> = V extends { run(...args: never[]): Promise<(infer A)[]> }
  ? A extends { value: infer O }
    ? O
    : never
  : never;

/** The name of a change, with what goes in and what comes out. */
export type VerbName = keyof Verbs;
export type VerbInput<N extends VerbName> = InputOf<Verbs[N]>;
export type VerbValue<N extends VerbName> = ValueOf<Verbs[N]>;

export type QueryName = keyof Queries;
export type QueryInput<N extends QueryName> = Parameters<Queries[N]>[1];
export type QueryValue<N extends QueryName> = Awaited<ReturnType<Queries[N]>>;

/**
 * Where changes and questions are handed in. What arrives together is committed together; a promise resolves when its
 * change is on disk.
 */
export interface Desk {
  /** @throws Refused when a rule says no, {@link Defect} when something broke (nothing was changed) */
  do<N extends VerbName>(verb: N, input: VerbInput<N>): Promise<VerbValue<N>>;
  ask<N extends QueryName>(query: N, input: QueryInput<N>): Promise<QueryValue<N>>;
  /** Hears what commits have changed. */
  onNotice(listener: (notice: Notice) => void): void;
  /** Rows handed in and not yet committed. */
  readonly backlogRows: number;
}

/** Something broke that no rule foresaw. The cause is in the log. */
export class Defect extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Defect';
  }
}

/** Whether a change or a question failed because the store is away, so that it may go later. The log says so already. */
export const isStoreAway = (error: unknown): boolean =>
  error instanceof Refused && (error.refusal.code === 'storeAway' || error.refusal.code === 'outcomeUnknown');

/** Tells the log that something failed, unless only because the store is away: then it would be told with each try. */
export function logFailure(log: Logger, error: unknown, what: string, about: object = {}): void {
  if (!isStoreAway(error)) log.error({ err: error, ...about }, what);
}
