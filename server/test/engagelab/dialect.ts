import { DATA_CODING } from '@signet/smpp';
import type { SimulatorOptions, SubmitRecord } from '@signet/smpp/simulator';
import { decodeGsm7, decodeUcs2 } from '@signet/text';
import { expect } from 'vitest';
import { type Answer, type House, type RequestOptions, until } from '../house.ts';

/** The statuses of the dialect: what the wire must say, written down apart from the code that says it. */
const STATUS_OF: Record<number, number[]> = {
  400: [400],
  404: [404],
  413: [413],
  429: [429],
  500: [500],
  503: [503],
  1000: [500],
  2001: [401],
  2002: [401],
  2004: [403],
  3001: [400],
  3002: [400, 413],
  3003: [400, 422],
  3004: [400],
  4001: [400],
  5001: [400],
};

/**
 * What an answer says in short: `code message` when it is exactly an error of the dialect, `ok` when it is exactly the
 * answer of calls that have nothing to tell, else its status and text, so that a comparison shows what came instead.
 */
export function said(answer: Answer): string {
  const { status, text, json } = answer;
  if (status === 200 && text === '{"code":0,"message":"success"}') return OK;
  const exact =
    typeof json?.message === 'string' && text === JSON.stringify({ code: json.code, message: json.message });
  const isJson = answer.headers.get('content-type')?.startsWith('application/json');
  if (!exact || !isJson || json.message === '' || !STATUS_OF[json.code]?.includes(status)) return `${status} ${text}`;
  return `${json.code} ${json.message}`;
}

/** What {@link said} says of a success. */
export const OK = 'ok';

export const SIGNS = '/v1/sign-configs';
export const TEMPLATES = '/v1/template-configs';

export const PENDING = 1;
export const APPROVED = 2;
export const REJECTED = 3;

type Body = Record<string, unknown>;
type Verdict = 'passed' | 'rejected';

let names = 0;

/** Somebody who calls the dialect. */
export class Account {
  readonly house: House;
  readonly user: string;
  readonly password: string;

  constructor(house: House, login: { user: string; password: string }) {
    this.house = house;
    this.user = login.user;
    this.password = login.password;
  }

  call(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
    return this.house.request(method, path, { user: this.user, password: this.password, ...options });
  }

  get = (path: string): Promise<Answer> => this.call('GET', path);
  post = (path: string, body?: unknown): Promise<Answer> => this.call('POST', path, body === undefined ? {} : { body });
  put = (path: string, body: unknown): Promise<Answer> => this.call('PUT', path, { body });
  delete = (path: string): Promise<Answer> => this.call('DELETE', path);

  /** Creates a signature and reviews it unless `verdict` is null. */
  async sign(verdict: Verdict | null = 'passed', name = `签名 ${++names}`): Promise<string> {
    const id = idIn(await this.post(SIGNS, { sign_name: name }), 'sign_id');
    if (verdict !== null) await reviewSign(this.house, id, verdict);
    return id;
  }

  /** Creates a template and reviews it unless `verdict` is null. */
  async template(fields: Body = {}, verdict: Verdict | null = 'passed'): Promise<string> {
    const id = idIn(await this.post(TEMPLATES, templateOf(fields)), 'template_id');
    if (verdict !== null) await reviewTemplate(this.house, id, verdict);
    return id;
  }

  /** A list of the caller's own. */
  async list(path: typeof SIGNS | typeof TEMPLATES): Promise<Body[]> {
    const answer = await this.get(path);
    expect([answer.status, Array.isArray(answer.json)]).toEqual([200, true]);
    return answer.json;
  }

  /** One thing, which must be there. */
  async one(path: typeof SIGNS | typeof TEMPLATES, id: string): Promise<Body> {
    const answer = await this.get(`${path}/${id}`);
    expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
    return answer.json;
  }

  send(body: unknown, key?: string): Promise<Answer> {
    return this.call('POST', '/v1/messages', { body, headers: key === undefined ? {} : { 'idempotency-key': key } });
  }

  /** Sends, and returns the answer, which must be good. */
  async sent(body: unknown) {
    const answer = await this.send(body);
    expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('"plan_id"')]);
    return answer.json;
  }
}

/** A fresh business of its own. */
export async function newAccount(house: House, credits = 0): Promise<Account> {
  return new Account(house, await house.createBusiness({ credits }));
}

export const rootOf = (house: House): Account => new Account(house, { user: 'root', password: house.rootPassword });

/** Everything a template needs, some of it as said. */
export function templateOf(fields: Body = {}): Body {
  return {
    template_name: 'name',
    template_type: 'utility',
    template_content: '您好，欢迎。',
    country_codes: 'CN',
    add_signature: false,
    ...fields,
  };
}

/** What a template says of a signature in front of it. */
export const signedBy = (sign_id: string | number, sign_position = 1): Body => ({
  add_signature: true,
  sign_id,
  sign_position,
});

export async function reviewSign(house: House, id: string, verdict: Verdict, reason?: string): Promise<void> {
  const body = { sign_id: Number(id), audit_status: verdict, reject_reason: reason };
  expect((await house.asRoot('POST', '/v2/signreview', body)).text).toBe('ok');
}

export async function reviewTemplate(house: House, id: string, verdict: Verdict, reason?: string): Promise<void> {
  const body = { temp_id: Number(id), audit_status: verdict, reject_reason: reason };
  expect((await house.asRoot('POST', '/v2/tempreview', body)).text).toBe('ok');
}

/** The id a create answered with, its answer being exactly that. */
export function idIn(answer: Answer, field: 'sign_id' | 'template_id'): string {
  const id = expect.stringMatching(/^[1-9][0-9]*$/);
  expect([answer.status, answer.json]).toEqual([200, { code: 0, message: 'success', [field]: id }]);
  return answer.json[field];
}

/** What reached handsets: start a house with its `simulator` options. */
export class Handsets {
  readonly #submitted: SubmitRecord[] = [];
  readonly simulator: SimulatorOptions = { onSubmit: (records) => this.#submitted.push(...records) };

  /** Texts for a number, digits only, in the order they came. */
  textsTo(number: string): string[] {
    return this.#submitted.filter(({ destination }) => destination === number).map(textOf);
  }

  /** Waits until so many texts have come for a number, and returns them. */
  async received(number: string, count = 1): Promise<string[]> {
    await until(() => this.textsTo(number).length >= count, `${count} texts for ${number}`);
    return this.textsTo(number);
  }
}

const textOf = ({ shortMessage, dataCoding }: SubmitRecord): string =>
  dataCoding === DATA_CODING.UCS2 ? decodeUcs2(shortMessage) : decodeGsm7(shortMessage);

/** Distinct mainland numbers of the tests' own range. */
export const numbers = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, i) => `+861380013${String(8000 + from + i)}`);
