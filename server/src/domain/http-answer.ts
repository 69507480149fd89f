import { carrierIdOf, errorOf } from './http-callback.ts';
import type { AnswerMatch, AnswerOutcome, HttpSettings } from './http-settings.ts';
import { textAt, valueAt } from './json-path.ts';

/** An answer of a carrier as far as it came. */
export interface HttpAnswer {
  status: number;
  /** The body as JSON, or as a text where it is none; undefined when it did not come whole. */
  body: unknown;
}

/** What an answer makes of the message. */
export interface Judged {
  outcome: AnswerOutcome;
  /** The carrier's id; empty when it named none. */
  carrierId: string;
  /** Why; empty when it was accepted. */
  error: string;
}

/**
 * What a status means when no rule of the settings speaks of it. 5xx are a carrier's own trouble; the two of gateways
 * (RFC 9110 §15.6.3, §15.6.5) say that the request went on and nobody knows how far.
 */
const OUTCOME_BY_STATUS: ReadonlyMap<number, AnswerOutcome> = new Map([
  // We are not let in, or this is not the carrier's address: no other message would fare better.
  [401, 'trouble'],
  [404, 'trouble'],
  [405, 'trouble'],
  [407, 'trouble'],
  // The carrier got tired of reading: it has not looked at the message.
  [408, 'later'],
  [425, 'later'],
  [429, 'throttled'],
  [502, 'unknown'],
  [503, 'throttled'],
  [504, 'unknown'],
]);

/** What settings say about answers. */
export type AnswerWords = Pick<HttpSettings, 'success' | 'messageId' | 'errorText' | 'errors'>;

/** Judges an answer: the first rule that fits, or the settings' success, or the status as it is usually meant. */
export function judgeAnswer(settings: AnswerWords, answer: HttpAnswer): Judged {
  const { status, body } = answer;
  const carrierId = settings.messageId === '' ? '' : carrierIdOf(textAt(body, settings.messageId));
  const said = wordsOf(settings, answer);
  const rule = settings.errors.find((each) => fits(each, answer));
  if (rule !== undefined) {
    const { outcome, text } = rule;
    return { outcome, carrierId, error: outcome === 'accepted' ? '' : text || said };
  }
  if (fits(settings.success, answer)) return { outcome: 'accepted', carrierId, error: '' };
  // Something that has to be looked at did not come, or is not what was agreed upon.
  if (isSuccess(status) && (body === undefined || typeof body === 'string') && settings.success.path !== '') {
    return { outcome: 'unknown', carrierId: '', error: `${said}: its answer cannot be read` };
  }
  const outcome = OUTCOME_BY_STATUS.get(status) ?? (status >= 500 ? 'later' : isRedirect(status) ? 'trouble' : 'never');
  return { outcome, carrierId, error: isRedirect(status) ? `${said}: redirects are not followed` : said };
}

/** Whether an answer is of the kind that is described. */
export function fits({ statuses, path, equals }: AnswerMatch, { status, body }: HttpAnswer): boolean {
  if (statuses.length > 0 && !statuses.some((each) => includes(each, status))) return false;
  if (equals.length === 0) return true;
  const found = valueAt(body, path);
  if (found === null || typeof found === 'object' || found === undefined) return false;
  return equals.some((each) => String(each) === String(found));
}

/** `200`, `2xx`, `200-299`. */
export const STATUSES = /^[1-5](?:\d\d(?:-[1-5]\d\d)?|xx)$/;

function includes(statuses: string, status: number): boolean {
  if (statuses.endsWith('xx')) return Math.floor(status / 100) === Number(statuses[0]);
  const [from, to = from] = statuses.split('-');
  return status >= Number(from) && status <= Number(to);
}

const isSuccess = (status: number): boolean => status >= 200 && status < 300;
const isRedirect = (status: number): boolean => status >= 300 && status < 400;

function wordsOf({ errorText }: AnswerWords, { status, body }: HttpAnswer): string {
  const text = errorText === '' ? '' : textAt(body, errorText);
  return text === '' ? `HTTP ${status}` : `HTTP ${status}: ${errorOf(text)}`;
}
