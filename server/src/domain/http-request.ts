import type { Category } from './category.ts';
import type { HttpSettings, Json } from './http-settings.ts';

/** What placeholders stand for in a request about one message. */
export interface MessageFacts {
  /** E.164 without the plus. */
  recipient: number;
  /** The calling code the recipient's number begins with, when it is known. */
  callingCode: string | null;
  text: string;
  signature: string;
  category: Category;
  /** Our id of the message. */
  reference: string;
  /** Where the carrier is to report; empty when this installation does not know its own address. */
  callbackUrl: string;
}

/** Every placeholder but secrets, and what it stands for. */
export const PLACEHOLDERS = {
  to: ({ recipient }) => `+${recipient}`,
  to_digits: ({ recipient }) => String(recipient),
  to_national: ({ recipient, callingCode }) => String(recipient).slice(callingCode?.length ?? 0),
  to_country: ({ callingCode }) => callingCode ?? '',
  text: ({ text }) => text,
  sender: (_, { sender }) => sender,
  reference: ({ reference }) => reference,
  signature: ({ signature }) => signature,
  category: ({ category }) => category,
  callback_url: ({ callbackUrl }) => callbackUrl,
} as const satisfies Record<string, (facts: MessageFacts, settings: HttpSettings) => string>;

/** Those whose values are ASCII whatever a message says, and so can stand in a header. */
export const HEADER_PLACEHOLDERS: readonly string[] = [
  'to',
  'to_digits',
  'to_national',
  'to_country',
  'sender',
  'reference',
  'category',
];

export const SECRET_PREFIX = 'secret.';

/** `{to}`, `{secret.token}`; other braces are plain text. */
const PLACEHOLDER = /\{([a-z_]+(?:\.[A-Za-z0-9_-]+)?)\}/g;

/** A request about one message, ready to be sent. */
export interface RenderedRequest {
  method: 'POST' | 'PUT' | 'GET';
  /** With its query. */
  url: string;
  headers: Record<string, string>;
  body: string | null;
}

const CONTENT_TYPES = { json: 'application/json', form: 'application/x-www-form-urlencoded' } as const;

/** The request that hands one message over, each value escaped as the place it stands in asks for. */
export function renderRequest(settings: HttpSettings, facts: MessageFacts): RenderedRequest {
  const value = (name: string): string =>
    name.startsWith(SECRET_PREFIX)
      ? (settings.secrets[name.slice(SECRET_PREFIX.length)] ?? '')
      : PLACEHOLDERS[name as keyof typeof PLACEHOLDERS](facts, settings);
  const plain = (text: string): string => text.replace(PLACEHOLDER, (_, name: string) => value(name));
  const headers: Record<string, string> = { 'user-agent': 'Signet' };
  for (const [name, text] of Object.entries(settings.headers)) headers[name.toLowerCase()] = plain(text);
  addAuth(headers, settings);
  let url = settings.url.replace(PLACEHOLDER, (_, name: string) => encodeURIComponent(value(name)));
  const { method, format } = settings;
  if (format === 'query') {
    const query = pairs(settings.body, plain).toString();
    if (query !== '') url += `${url.includes('?') ? '&' : '?'}${query}`;
    return { method, url, headers, body: method === 'GET' ? null : '' };
  }
  headers['content-type'] ??= CONTENT_TYPES[format];
  const body =
    format === 'json' ? JSON.stringify(filled(settings.body, plain)) : pairs(settings.body, plain).toString();
  return { method, url, headers, body };
}

/** The names of the placeholders of a text, in order. */
export const placeholdersOf = (text: string): string[] => [...text.matchAll(PLACEHOLDER)].map((match) => match[1]!);

function addAuth(headers: Record<string, string>, { auth, secrets }: HttpSettings): void {
  if (auth.kind === 'none') return;
  const secret = secrets[auth.secret] ?? '';
  if (auth.kind === 'basic') headers.authorization = `Basic ${base64(`${auth.username}:${secret}`)}`;
  else if (auth.kind === 'bearer') headers.authorization = `Bearer ${secret}`;
  else headers[auth.name.toLowerCase()] = secret;
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

/** JSON with the placeholders of all its texts filled in; what is no text stays. */
function filled(json: Json, plain: (text: string) => string): Json {
  if (typeof json === 'string') return plain(json);
  if (Array.isArray(json)) return json.map((each) => filled(each, plain));
  if (typeof json !== 'object' || json === null) return json;
  return Object.fromEntries(Object.entries(json).map(([name, each]) => [name, filled(each, plain)]));
}

function pairs(body: Json, plain: (text: string) => string): URLSearchParams {
  const params = new URLSearchParams();
  for (const [name, text] of Object.entries(body as Record<string, Json>)) params.append(name, plain(String(text)));
  return params;
}
