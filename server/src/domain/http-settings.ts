import type { CallbackAddress } from './callback-address.ts';
import type { ReportedState } from './message.ts';

/** JSON as it is written in settings. */
export type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

/**
 * How a carrier is reached whose HTTP API is described by data. Texts of `url`, `headers` and `body` may name
 * placeholders (http-placeholders.ts); secrets stand in `secrets` alone, and everything else names them.
 */
export interface HttpSettings extends CallbackAddress {
  method: 'POST' | 'PUT' | 'GET';
  /** http or https. Placeholders only after the host. */
  url: string;
  headers: Record<string, string>;
  auth: HttpAuth;
  /** By name; never shown. */
  secrets: Record<string, string>;
  /** How the body travels: as JSON, as a form, or as the query of the URL. */
  format: 'json' | 'form' | 'query';
  /** Any JSON; of a form or query, an object of texts. */
  body: Json;
  /** What an answer looks like that says yes, unless one of `errors` fits it. */
  success: AnswerMatch;
  /** Where an answer has the carrier's id of the message; empty: it has none, and our reference is its id. */
  messageId: string;
  /** Where an answer says what is wrong; empty: nowhere. */
  errorText: string;
  /** The first that fits an answer decides what it means. */
  errors: AnswerRule[];
  /**
   * Whether the carrier knows a request again by its `{reference}`: then one whose answer was lost is made again, and
   * nothing is sent twice.
   */
  idempotent: boolean;
  /** Sender shown to recipients, for `{sender}`. */
  sender: string;
  /** Requests under way at a time. */
  window: number;
  /** Requests a second at most; null: no limit of ours. */
  rate: number | null;
  responseTimeoutMs: number;
  /** How the carrier reports what became of messages; null: it does not. */
  reports: ReportSettings | null;
  /** How the carrier hands over SMS from handsets; null: it does not. */
  inbound: InboundSettings | null;
  /** Addresses and networks callbacks may come from; empty: any. */
  networks: string[];
  /** How a callback proves that it is the carrier's, beside the secret address it comes to; null: not at all. */
  signature: CallbackSignature | null;
  /** What a callback is answered that was taken. */
  answer: { status: number; type: string; body: string };
}

/** `secret` names one of the settings' secrets. */
export type HttpAuth =
  | { kind: 'none' }
  | { kind: 'basic'; username: string; secret: string }
  | { kind: 'bearer'; secret: string }
  | { kind: 'header'; name: string; secret: string };

/** Fits an answer of one of these statuses whose JSON has one of these values at the path. */
export interface AnswerMatch {
  /** `200`, `4xx` or `200-299`; empty: any status. */
  statuses: string[];
  /** Names and positions with dots between, `data.0.code`; empty: the answer as a whole. */
  path: string;
  /** Compared as texts; empty: anything, the path need not even be there. */
  equals: (string | number | boolean)[];
}

export const ANSWER_OUTCOMES = ['accepted', 'later', 'throttled', 'trouble', 'elsewhere', 'never', 'unknown'] as const;

/**
 * What an answer means: taken; a no for now, a no with the wish for less speed, or one that no message would escape now;
 * a no here, a no anywhere; or nobody knows.
 */
export type AnswerOutcome = (typeof ANSWER_OUTCOMES)[number];

export interface AnswerRule extends AnswerMatch {
  outcome: AnswerOutcome;
  /** Why, instead of what the answer says; empty: what the answer says. */
  text: string;
}

/** Where one report has what; paths as in {@link AnswerMatch}. */
export interface ReportSettings {
  /** Where the reports are in a callback: a list, or one. Empty: the callback as a whole. */
  items: string;
  id: string;
  status: string;
  /** What the carrier's words mean. Others change nothing. */
  states: Record<string, ReportedState | 'ignored'>;
  /** Empty: not there. */
  recipient: string;
  /** Whose numbers recipients without a calling code are, ISO 3166-1 alpha-2; empty: all have one. */
  country: string;
  /** Empty: not there. */
  error: string;
}

/** Where an SMS from a handset has what. */
export interface InboundSettings {
  items: string;
  /** Empty: not there. */
  id: string;
  from: string;
  to: string;
  text: string;
  /** Whose numbers those in `from` are that have no calling code, ISO 3166-1 alpha-2; empty: all have one. */
  country: string;
}

/** An HMAC over the octets of the body, in a header. */
export interface CallbackSignature {
  header: string;
  /** Names one of the settings' secrets. */
  secret: string;
  algorithm: 'sha256' | 'sha1' | 'sha512';
  encoding: 'hex' | 'base64';
  /** What stands before it in the header, `sha256=` say. */
  prefix: string;
}

/** Requests a channel may have under way at most, as it can be set. */
export const MAX_HTTP_WINDOW = 1_000;

export const DEFAULT_HTTP_SETTINGS = {
  method: 'POST',
  headers: {},
  auth: { kind: 'none' },
  secrets: {},
  format: 'json',
  success: { statuses: ['2xx'], path: '', equals: [] },
  messageId: '',
  errorText: '',
  errors: [],
  idempotent: false,
  sender: '',
  window: 10,
  rate: null,
  responseTimeoutMs: 15_000,
  reports: null,
  inbound: null,
  networks: [],
  signature: null,
  answer: { status: 200, type: 'text/plain', body: 'ok' },
  earlierCallback: null,
} as const satisfies Partial<HttpSettings>;

/** The settings with some of them changed. Of the secrets, those stay that are not named; an empty one is taken away. */
export function editedHttp(settings: HttpSettings, edit: Partial<HttpSettings>): HttpSettings {
  const secrets = Object.entries({ ...settings.secrets, ...edit.secrets }).filter(([, secret]) => secret !== '');
  return { ...settings, ...edit, secrets: Object.fromEntries(secrets) };
}
