import { type Answer, NoAnswer } from '../client.ts';

/** What an answer to a request means for the send. */
export type Verdict =
  | { kind: 'accepted'; uuid: string }
  /** Something about single rows: the halves are asked for apart until the rows are found. */
  | { kind: 'split'; code: 'too_often' | 'refused'; reason: string }
  /** The same request again after a while. */
  | { kind: 'again'; afterS: number | null; why: string; mayHaveArrived: boolean; attempts: number }
  /** Nothing more will be accepted until somebody does something. */
  | { kind: 'stop'; code: string; message: string; advice: string };

type Words = Omit<Extract<Verdict, { kind: 'stop' }>, 'kind' | 'code'>;

/** Refusals of the tsms dialect that concern the whole send (docs/dialects/tsms.md). */
const STOPS: Record<string, Words> = {
  'ER:0001': {
    message: 'the server does not accept these credentials',
    advice: 'Check SIGNET_USER and SIGNET_PASSWORD; a suspended business or a disabled or expired key is refused too.',
  },
  'ER:0003': { message: 'this account may not send', advice: 'Use an account of a business.' },
  'ER:0023': {
    message: 'the signature is not one of this account',
    advice: 'Check --sign and the user you sign in with.',
  },
  'ER:0024': { message: 'the template does not belong to the signature', advice: 'Check --temp.' },
  'ER:0031': { message: 'the signature is not approved', advice: 'Have it reviewed, then run the same command again.' },
  'ER:0032': { message: 'the template is not approved', advice: 'Have it reviewed, then run the same command again.' },
  'ER:0035': {
    message: 'the balance does not suffice for the next request',
    advice: 'Top it up (signet business top-up NAME N), then run the same command again: it goes on where it stopped.',
  },
};

/** Refusals that single rows cause. A request over the server's limit of recipients is ER:0033 as well. */
const SPLITS: Record<string, { code: 'too_often' | 'refused'; reason: string }> = {
  'ER:0033': { code: 'refused', reason: 'the server does not take this number' },
  'ER:0036': { code: 'too_often', reason: 'over the limit of messages to one number in a while' },
  'ER:0004': { code: 'refused', reason: 'the server does not take these values' },
};

/** Answers of a server, or of a proxy before it, that pass with time. */
const PASSING = new Set([408, 425, 429, 500, 502, 503, 504]);

/** A defect that stays is not worth waiting for. */
const DEFECT_ATTEMPTS = 8;

/** Reads an answer of POST /v1/message. */
export function verdictOf(answer: Answer | NoAnswer): Verdict {
  if (answer instanceof NoAnswer) {
    const { message, mayHaveArrived } = answer;
    return { kind: 'again', afterS: null, why: message, mayHaveArrived, attempts: Number.POSITIVE_INFINITY };
  }
  const { status, retryAfterS } = answer;
  const body = (typeof answer.body === 'object' && answer.body !== null ? answer.body : {}) as Record<string, unknown>;
  if (status === 200 && typeof body.uuid === 'string') return { kind: 'accepted', uuid: body.uuid };
  if (PASSING.has(status)) {
    // A defect or a proxy's silence leaves open whether the request was carried out; a refusal does not.
    const mayHaveArrived = status === 500 || status === 502 || status === 504;
    const attempts = status === 500 ? DEFECT_ATTEMPTS : Number.POSITIVE_INFINITY;
    return { kind: 'again', afterS: retryAfterS, why: `the server answers ${status}`, mayHaveArrived, attempts };
  }
  const code = typeof body.error === 'string' ? body.error : '';
  if (status === 413) return { kind: 'split', code: 'refused', reason: 'the values are too long' };
  if (code in SPLITS) return { kind: 'split', ...SPLITS[code]! };
  if (code in STOPS) return { kind: 'stop', code, ...STOPS[code]! };
  return {
    kind: 'stop',
    code: code || 'unexpected',
    message: `the server answered ${status}${code && ` ${code}`}, which is no answer to a request to send`,
    advice: 'Check --url or SIGNET_URL.',
  };
}
