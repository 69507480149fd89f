import type { Answer, House } from '../house.ts';
import { readContract } from './client.ts';

const PREFIX = '/api/v1';

/** What a page of the console does with the native API: it keeps the cookie, and repeats the token. */
export interface Browser {
  /** `name=value` as it is sent along; null: none. */
  cookie: string | null;
  csrf: string | null;
  /** The last answer's Set-Cookie. */
  setCookie: string | null;
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Signs in, and expects it to work. */
  signIn(name: string, password: string, code?: string): Promise<Answer>;
}

/** Makes browsers; every answer is compared with what the OpenAPI document promises. */
export async function browsers(house: House): Promise<() => Browser> {
  const contract = await readContract(house);
  return () => {
    const browser: Browser = {
      cookie: null,
      csrf: null,
      setCookie: null,
      async ask(method, path, body, headers = {}) {
        const answer = await house.request(method, PREFIX + path, {
          headers: {
            'sec-fetch-site': 'same-origin',
            ...(browser.cookie !== null && { cookie: browser.cookie }),
            ...(method !== 'GET' && browser.csrf !== null && { 'x-csrf-token': browser.csrf }),
            ...headers,
          },
          ...(body !== undefined && { body }),
        });
        contract.check(method, path, answer);
        browser.setCookie = answer.headers.get('set-cookie');
        if (browser.setCookie !== null) {
          const pair = browser.setCookie.split(';')[0]!;
          browser.cookie = pair.endsWith('=') ? null : pair;
        }
        if (typeof answer.json?.csrf_token === 'string') browser.csrf = answer.json.csrf_token;
        return answer;
      },
      async signIn(name, password, code) {
        const answer = await browser.ask('POST', '/session', { name, password, ...(code !== undefined && { code }) });
        if (answer.status !== 200) throw new Error(`${name} could not sign in: ${answer.text}`);
        return answer;
      },
    };
    return browser;
  };
}
