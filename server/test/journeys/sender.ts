import { type Answer, type House, type TestBusiness, until } from '../house.ts';

/** Mainland numbers as people write them, from 138 0013 0000 on. */
export const numberAt = (i: number): string => String(13_800_130_000 + i);

/** Numbers `from`, `from + 1`, … */
export const numbersFrom = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, i) => numberAt(from + i));

const TYPES = { verification: 1, notification: 2, marketing: 3 } as const;

export interface Progress {
  uuid: string;
  state: string;
  total: number;
  counts: Partial<Record<string, number>>;
}

/** A business as it sees itself. */
export interface Account extends TestBusiness {
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  progress(uuid: string): Promise<Progress>;
  /** Waits until the plan is done and every message is in one of the states. */
  finished(uuid: string, states?: readonly string[]): Promise<Progress>;
  /** The messages of a plan, as the native API shows them, in the order of the request. */
  // biome-ignore lint/suspicious/noExplicitAny: read from the wire
  messages(uuid: string): Promise<any[]>;
  balance(): Promise<{ available: number; reserved: number }>;
}

/** A business with an approved signature and an approved template: everything a send needs. */
export interface Sender extends Account {
  signId: number;
  tempId: number;
  /** POST /v1/message; `more` may hold params or recipients. */
  post(mobiles: readonly string[], more?: Record<string, unknown>, headers?: Record<string, string>): Promise<Answer>;
  /** The same, expected to be accepted; returns the uuid. */
  send(mobiles: readonly string[], more?: Record<string, unknown>): Promise<string>;
}

export interface SenderOptions {
  credits?: number;
  category?: keyof typeof TYPES;
  signature?: string;
  template?: string;
}

/** Opens a business and takes it through both reviews. */
export async function openSender(house: House, options: SenderOptions = {}): Promise<Sender> {
  const { credits = 100_000, category = 'notification', signature = 'Signet', template = 'hello' } = options;
  const account = accountOf(house, await house.createBusiness({ credits }));
  const { ask } = account;
  const { sign_id: signId } = expectOk(await ask('POST', '/v1/signature', { signature, source: 'tests' })).json;
  expectOk(await house.asRoot('POST', '/v2/signreview', { sign_id: signId, audit_status: 'passed' }));
  const { temp_id: tempId } = expectOk(
    await ask('POST', '/v1/template', {
      name: 'journey',
      template,
      type: TYPES[category],
      description: 'for a journey',
      sign_id: signId,
    }),
  ).json;
  expectOk(await house.asRoot('POST', '/v2/tempreview', { temp_id: tempId, audit_status: 'passed' }));
  const post: Sender['post'] = (mobiles, more, headers) => {
    const body = { sign_id: signId, temp_id: tempId, ...(mobiles.length > 0 && { mobiles }), ...more };
    return ask('POST', '/v1/message', body, headers);
  };
  return {
    ...account,
    signId,
    tempId,
    post,
    send: async (mobiles, more) => expectOk(await post(mobiles, more)).json.uuid as string,
  };
}

/** What a business can see of itself. */
export function accountOf(house: House, business: TestBusiness): Account {
  const { user, password } = business;
  const ask: Account['ask'] = (method, path, body, headers = {}) =>
    house.request(method, path, { user, password, headers, ...(body !== undefined && { body }) });
  const get = (path: string) => ask('GET', path);
  const progress = async (uuid: string): Promise<Progress> => expectOk(await get(`/v1/message?uuid=${uuid}`)).json;
  return {
    ...business,
    ask,
    progress,
    async finished(uuid, states = ['delivered']) {
      let last = await progress(uuid);
      await until(
        async () => {
          last = await progress(uuid);
          const there = states.reduce((sum, state) => sum + (last.counts[state] ?? 0), 0);
          return last.state === 'done' && there === last.total;
        },
        () => `plan ${uuid} to be done with all in ${states}: ${JSON.stringify(last.counts)}, ${last.state}`,
      );
      return last;
    },
    async messages(uuid) {
      const plans = await listAll<{ uuid: string; plan_id: number }>(get, '/api/v1/plans');
      const plan = plans.find((each) => each.uuid === uuid)!;
      return listAll(get, `/api/v1/plans/${plan.plan_id}/messages`);
    },
    balance: async () => expectOk(await get('/api/v1/balance')).json,
  };
}

/** Every item of a list of the native API. */
export async function listAll<T>(get: (path: string) => Promise<Answer>, path: string): Promise<T[]> {
  const items: T[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: Answer = expectOk(await get(`${path}?limit=1000${cursor === '' ? '' : `&cursor=${cursor}`}`));
    items.push(...page.json.items);
    cursor = page.json.next_cursor;
  }
  return items;
}

/** The answer, when it is a good one. */
export function expectOk(answer: Answer): Answer {
  if (answer.status >= 300) throw new Error(`answered ${answer.status} ${answer.text}`);
  return answer;
}

/** What the administrator's check of the ledger finds wrong. */
export async function ledgerFaults(house: House): Promise<unknown[]> {
  return expectOk(await house.asRoot('GET', '/api/v1/ledger/check')).json.faults;
}
