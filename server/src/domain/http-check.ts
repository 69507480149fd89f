import { STATUSES } from './http-answer.ts';
import { HEADER_PLACEHOLDERS, PLACEHOLDERS, placeholdersOf, SECRET_PREFIX } from './http-request.ts';
import type { AnswerMatch, HttpSettings, Json } from './http-settings.ts';
import { JSON_PATH } from './json-path.ts';
import { isCountry } from './recipient.ts';
import { must } from './refusals.ts';

const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/;
const HEADER_VALUE = /^[\x20-\x7e]{0,2000}$/;
/** What the connection itself decides (RFC 9110 §7.6.1), and what would be written twice. */
const HEADERS_OF_THE_CONNECTION = [
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'upgrade',
  'expect',
  'te',
];
const MAX_BODY_LENGTH = 20_000;
const MAX_NESTING = 16;

/** Whether a text is an address a channel can speak to: http or https, with a host, without user and fragment. */
export function isChannelUrl(text: string): boolean {
  if (text.length > 2_048 || !URL.canParse(text)) return false;
  const { protocol, username, password, hash, hostname } = new URL(text);
  return /^https?:$/.test(protocol) && username === '' && password === '' && hash === '' && hostname !== '';
}

export const URL_RULE = 'an address that begins with http:// or https://, without a user name in it';

/** @throws Refused (invalidField) for settings that cannot work, naming the first field that is wrong */
export function checkHttp(settings: HttpSettings): void {
  const field = (name: string, rule: string) => ({ code: 'invalidField', field: `http.${name}`, rule }) as const;
  const { url, headers, auth, secrets, format, method, body, signature } = settings;

  const known = (name: string, text: string, allowed: readonly string[] | null = null): void => {
    for (const placeholder of placeholdersOf(text)) {
      if (placeholder.startsWith(SECRET_PREFIX)) {
        const secret = placeholder.slice(SECRET_PREFIX.length);
        must(Object.hasOwn(secrets, secret), field(name, `secrets has no ${secret}`));
        continue;
      }
      const names = allowed ?? Object.keys(PLACEHOLDERS);
      const rule = `{${placeholder}} is no placeholder here; there are ${names.join(', ')} and ${SECRET_PREFIX}NAME`;
      must(names.includes(placeholder), field(name, rule));
    }
  };
  const secretNamed = (name: string, secret: string): void =>
    must(Object.hasOwn(secrets, secret), field(name, `secrets has no ${secret}`));

  must(isChannelUrl(url.replaceAll(/[{}]/g, '')), field('url', URL_RULE));
  const host = /^[^:]+:\/\/[^/?#]*/.exec(url)?.[0] ?? '';
  must(!/[{}]/.test(host), field('url', 'placeholders may stand after the host only'));
  known('url', url);

  for (const [name, value] of Object.entries(headers)) {
    const at = `headers.${name}`;
    must(HEADER_NAME.test(name), field('headers', `${JSON.stringify(name)} is no name of a header`));
    const ours = HEADERS_OF_THE_CONNECTION.includes(name.toLowerCase());
    must(!ours, field(at, 'a header that the connection sets itself'));
    must(HEADER_VALUE.test(value), field(at, 'a text of at most 2000 printable ASCII characters'));
    const rule = 'its value must come from secrets, as {secret.NAME}: what stands here is shown';
    must(!/^authorization$/i.test(name) || value.includes(`{${SECRET_PREFIX}`), field(at, rule));
    known(at, value, HEADER_PLACEHOLDERS);
  }
  for (const [name, secret] of Object.entries(secrets)) {
    must(/^[A-Za-z0-9_-]{1,64}$/.test(name), field('secrets', 'names are 1 to 64 letters, digits, - or _'));
    must(HEADER_VALUE.test(secret), field(`secrets.${name}`, 'a text of at most 2000 printable ASCII characters'));
  }
  if (auth.kind !== 'none') secretNamed('auth.secret', auth.secret);
  if (auth.kind === 'header') {
    const free = HEADER_NAME.test(auth.name) && !HEADERS_OF_THE_CONNECTION.includes(auth.name.toLowerCase());
    must(free, field('auth.name', 'the name of a header that the connection does not set itself'));
  }

  must(method !== 'GET' || format === 'query', field('format', 'a GET has no body: query'));
  must(JSON.stringify(body).length <= MAX_BODY_LENGTH, field('body', `at most ${MAX_BODY_LENGTH} characters as JSON`));
  const flat = isObject(body) && Object.values(body).every((value) => typeof value !== 'object' || value === null);
  must(format === 'json' || flat, field('body', 'of a form or a query, an object of texts'));
  for (const text of textsOf(body, MAX_NESTING, () => must(false, field('body', `at most ${MAX_NESTING} levels deep`))))
    known('body', text);

  checkMatch('success', settings.success, field);
  for (const [i, rule] of settings.errors.entries()) {
    checkMatch(`errors.${i}`, rule, field);
    const anything = rule.statuses.length === 0 && rule.equals.length === 0;
    must(!anything, field(`errors.${i}`, 'would fit every answer: give statuses or equals'));
  }
  const path = (name: string, text: string) => must(JSON_PATH.test(text), field(name, PATH_RULE));
  path('message_id', settings.messageId);
  path('error_text', settings.errorText);
  for (const part of ['reports', 'inbound'] as const) {
    for (const [name, text] of Object.entries(settings[part] ?? {})) {
      if (typeof text === 'string' && name !== 'country') path(`${part}.${name}`, text);
    }
  }
  const { reports, inbound } = settings;
  must(reports === null || reports.id !== '', field('reports.id', 'where a report has the id of the message'));
  for (const part of ['reports', 'inbound'] as const) {
    const country = settings[part]?.country ?? '';
    must(country === '' || isCountry(country), field(`${part}.country`, 'a country such as CN, in upper case'));
  }
  must(reports === null || reports.status !== '', field('reports.status', 'where a report has the state'));
  must(inbound === null || (inbound.from !== '' && inbound.text !== ''), field('inbound', 'needs from and text'));
  if (signature !== null) {
    must(HEADER_NAME.test(signature.header), field('signature.header', 'the name of a header'));
    secretNamed('signature.secret', signature.secret);
  }
}

const PATH_RULE = 'names and positions with dots between, such as data.0.id';

function checkMatch(
  name: string,
  { statuses, path }: AnswerMatch,
  field: (name: string, rule: string) => { code: 'invalidField'; field: string; rule: string },
): void {
  const all = statuses.every((each) => STATUSES.test(each));
  must(all, field(`${name}.statuses`, 'statuses such as 200, 4xx or 200-299'));
  must(JSON_PATH.test(path), field(`${name}.path`, PATH_RULE));
}

const isObject = (json: Json): json is { [name: string]: Json } =>
  typeof json === 'object' && json !== null && !Array.isArray(json);

/** All texts of a JSON value, names left out. */
function textsOf(json: Json, levels: number, tooDeep: () => void): string[] {
  if (typeof json === 'string') return [json];
  if (typeof json !== 'object' || json === null) return [];
  if (levels === 0) tooDeep();
  return Object.values(json).flatMap((each) => textsOf(each, levels - 1, tooDeep));
}
