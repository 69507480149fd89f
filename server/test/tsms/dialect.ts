import type { SimulatorOptions, SubmitRecord } from '@signet/smpp/simulator';
import { expect } from 'vitest';
import { type Answer, type House, type RequestOptions, until } from '../house.ts';

/** The error list of the dialect: what the wire must say, written down apart from the code that says it. */
const ERRORS: Record<string, [status: number, message: string]> = {
  'ER:0001': [400, 'auth not pass'],
  'ER:0002': [400, 'post data is not json'],
  'ER:0003': [400, 'please use root user request'],
  'ER:0004': [400, 'prams fail'],
  'ER:0011': [403, 'edit sign fail'],
  'ER:0012': [403, 'delete sign fail'],
  'ER:0013': [403, 'sign audit_status fail'],
  'ER:0021': [403, 'template prams fail'],
  'ER:0022': [403, 'template type fail'],
  'ER:0023': [403, 'sign id is not belong to user'],
  'ER:0024': [403, 'temp id is not belong to sign'],
  'ER:0025': [403, 'edit temp fail, temp status fail.'],
  'ER:0031': [403, 'sign is not passed'],
  'ER:0032': [403, 'temp is not passed'],
  'ER:0033': [403, 'invalidate mobile exist'],
  'ER:0035': [403, 'message charge failed'],
  'ER:0036': [403, 'send freq out of limit'],
  'ER:0404': [404, 'not found'],
  'ER:0429': [429, 'too many requests'],
};

/**
 * What an answer says in short: its error code when it is exactly that error of the list, else its status and text, so
 * that a comparison shows what came instead.
 */
export function said(answer: Answer): string {
  const entry = ERRORS[answer.json?.error];
  if (entry === undefined) return `${answer.status} ${answer.text}`;
  const [status, message] = entry;
  const exact = JSON.stringify({ error: answer.json.error, message });
  const isJson = answer.headers.get('content-type')?.startsWith('application/json');
  return answer.status === status && answer.text === exact && isJson
    ? answer.json.error
    : `${answer.status} ${answer.text}`;
}

/** The answer of calls that have nothing to tell. */
export const OK = '200 ok';

type Body = Record<string, unknown>;

/** Somebody who calls the dialect. */
export class Account {
  readonly #house: House;
  readonly user: string;
  readonly password: string;

  constructor(house: House, login: { user: string; password: string }) {
    this.#house = house;
    this.user = login.user;
    this.password = login.password;
  }

  call(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
    return this.#house.request(method, path, { user: this.user, password: this.password, ...options });
  }

  get = (path: string): Promise<Answer> => this.call('GET', path);
  post = (path: string, body: unknown): Promise<Answer> => this.call('POST', path, { body });
  put = (path: string, body: unknown): Promise<Answer> => this.call('PUT', path, { body });
  delete = (path: string, body: unknown): Promise<Answer> => this.call('DELETE', path, { body });

  /** Creates a signature and reviews it unless `verdict` is null. */
  async signature(verdict: 'passed' | 'rejected' | null = 'passed', text = '签名'): Promise<number> {
    const created = await this.post('/v1/signature', { signature: text, source: 'https://example.com' });
    const id = idIn(created, 'sign_id');
    if (verdict !== null) await reviewSignature(this.#house, id, verdict);
    return id;
  }

  /** Creates a template and reviews it unless `verdict` is null. */
  async template(
    signId: number,
    text = '您好，欢迎。',
    verdict: 'passed' | 'rejected' | null = 'passed',
  ): Promise<number> {
    const created = await this.post('/v1/template', templateOf(signId, { template: text }));
    const id = idIn(created, 'temp_id');
    if (verdict !== null) await reviewTemplate(this.#house, id, verdict);
    return id;
  }

  /** A passed signature with a passed template. */
  async ready(text?: string): Promise<{ sign_id: number; temp_id: number }> {
    const sign_id = await this.signature();
    return { sign_id, temp_id: await this.template(sign_id, text) };
  }

  send(body: unknown, key?: string): Promise<Answer> {
    return this.call('POST', '/v1/message', { body, headers: key === undefined ? {} : { 'idempotency-key': key } });
  }

  /** Items of a list of the caller's own. */
  async items(path: '/v1/signature' | '/v1/template'): Promise<Body[]> {
    const answer = await this.get(path);
    expect(answer.status).toBe(200);
    return answer.json.items;
  }

  async item(path: '/v1/signature' | '/v1/template', id: number): Promise<Body | undefined> {
    return (await this.items(path)).find((each) => each.id === String(id));
  }

  async balance(): Promise<{ available: number; reserved: number }> {
    return (await this.get('/api/v1/balance')).json;
  }

  async available(): Promise<number> {
    return (await this.balance()).available;
  }

  /** Waits until a send has nothing left to do and returns how it stands. */
  async finished(uuid: string) {
    let progress = await this.get(`/v1/message?uuid=${uuid}`);
    await until(async () => {
      progress = await this.get(`/v1/message?uuid=${uuid}`);
      return progress.json.state === 'done';
    }, `the send ${uuid} to be done`);
    return progress.json;
  }
}

/** A fresh business of its own. */
export async function newAccount(house: House, credits = 0): Promise<Account> {
  return new Account(house, await house.createBusiness({ credits }));
}

export const rootOf = (house: House): Account => new Account(house, { user: 'root', password: house.rootPassword });

/** Everything a template needs, some of it as said. */
export function templateOf(signId: number, fields: Body = {}): Body {
  return { name: 'name', template: 'text', type: 1, description: 'why', sign_id: signId, ...fields };
}

export async function reviewSignature(house: House, id: number, verdict: string, reason?: unknown): Promise<void> {
  const body = { sign_id: id, audit_status: verdict, reject_reason: reason };
  expect(said(await house.asRoot('POST', '/v2/signreview', body))).toBe(OK);
}

export async function reviewTemplate(house: House, id: number, verdict: string, reason?: unknown): Promise<void> {
  const body = { temp_id: id, audit_status: verdict, reject_reason: reason };
  expect(said(await house.asRoot('POST', '/v2/tempreview', body))).toBe(OK);
}

/** The id a create or edit answered with, its answer being exactly that. */
export function idIn(answer: Answer, field: 'sign_id' | 'temp_id'): number {
  expect([answer.status, answer.json]).toEqual([200, { [field]: expect.any(Number) }]);
  const id: number = answer.json[field];
  expect(Number.isSafeInteger(id) && id > 0).toBe(true);
  return id;
}

/** What reached handsets: start a house with its `simulator` options. */
export class Handsets {
  readonly #submitted: SubmitRecord[] = [];
  readonly simulator: SimulatorOptions = { onSubmit: (records) => this.#submitted.push(...records) };

  /** Texts for a mainland number of 11 digits, in the order they came; Chinese texts travel as UCS-2. */
  textsTo(number: string): string[] {
    return this.#submitted
      .filter(({ destination }) => destination === `86${number}`)
      .map(({ shortMessage }) => Buffer.from(shortMessage).swap16().toString('utf16le'));
  }
}

/** Distinct mainland numbers of the tests' own range. */
export const numbers = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, i) => `1380013${String(from + i).padStart(4, '0')}`);
