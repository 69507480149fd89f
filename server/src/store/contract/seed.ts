import type { MessageState } from '../../domain/message.ts';
import type { Plan } from '../../domain/plan.ts';
import { idAt } from '../../lib/ids.ts';
import type { MessageRow, Store, Tx } from '../store.ts';

/** An empty store made for one test. */
export interface OpenedStore {
  store: Store;
  /** Closes it and removes what it left. */
  dispose(): Promise<void>;
}
export type OpenStore = () => Promise<OpenedStore>;

/** A time like any other. */
export const AT = 1_767_225_600_000;

/** The first of a row of test numbers. */
export const NUMBER = 8_613_800_138_000;

/** `count` numbers from {@link NUMBER} on. */
export const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => NUMBER + i);

let names = 0;

export function addBusiness(tx: Tx): Promise<number> {
  return tx.businesses.insert({
    name: `business-${++names}`,
    admin: false,
    passwordHash: 'hash',
    defaultCountry: 'CN',
    timeZone: 'UTC',
    at: AT,
  });
}

/** A running notification plan of one message, unless `change` says otherwise. */
export function aPlan(id: number, businessId: number, change: Partial<Plan> = {}): Omit<Plan, 'startedAt' | 'doneAt'> {
  const total = change.total ?? 1;
  return {
    id,
    uuid: null,
    businessId,
    dialect: 'native',
    name: '',
    category: 'notification',
    templateId: 1,
    signatureId: null,
    contentId: 1,
    state: 'running',
    total,
    accepted: total,
    invalid: 0,
    stopped: 0,
    sendable: total,
    left: total,
    segments: 1,
    testChannelId: null,
    customArgs: null,
    createdAt: AT,
    startAt: null,
    expiresAt: AT + 259_200_000,
    ...change,
  };
}

/** The `n`th id minted at a time. */
export const idOf = (ms: number, n = 0): number => idAt(ms) + n;

/** A plan with messages to {@link numbers}, one segment and one credit each. */
export async function addPlan(
  tx: Tx,
  businessId: number,
  id: number,
  total: number,
  change: Partial<Plan> = {},
): Promise<number> {
  await tx.plans.insert([aPlan(id, businessId, { total, ...change })]);
  await tx.messages.insert([
    { planId: id, from: 0, recipients: numbers(total), segments: 1, reserved: 1, parameters: null },
  ]);
  return id;
}

/** Brings one message into a state, whatever came before. */
export async function putInState(tx: Tx, planId: number, index: number, state: MessageState): Promise<void> {
  if (state === 'accepted') return;
  await tx.messages.move({
    ranges: [{ planId, from: index, to: index }],
    from: ['accepted'],
    to: state,
    charge: 'none',
    at: AT,
  });
}

export async function statesOf(store: Store, planId: number): Promise<MessageState[]> {
  const rows = await store.read((reader) => reader.messages.ofPlan(planId, -1, 1_000));
  return rows.map(({ state }) => state);
}

export const messageOf = (store: Store, planId: number, index: number): Promise<MessageRow | null> =>
  store.read((reader) => reader.messages.byIndex(planId, index));

/** A function that gives the store of the running test. */
export type TheStore = () => Store;
