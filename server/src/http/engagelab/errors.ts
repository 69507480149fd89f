import type { FastifyReply, FastifyRequest } from 'fastify';
import { MAX_SEGMENTS } from '../../domain/content.ts';
import { type Refusal, type RefusalCode, Refused } from '../../domain/refusals.ts';
import { type Logger, maskNumber } from '../../lib/log.ts';
import { type Answer, sendAnswer } from '../answer.ts';
import { fieldName } from './words.ts';

/**
 * Kinds of errors, with the HTTP status and the code each has on the routes that send and look. The routes of templates
 * and signatures know the codes of who is asking, and say their HTTP status as code for everything else.
 */
const KINDS = {
  badCredentials: { status: 401, code: 2001 },
  disabled: { status: 401, code: 2002 },
  forbidden: { status: 403, code: 2004 },
  notJson: { status: 400, code: 3001 },
  parameters: { status: 400, code: 3002 },
  tooLarge: { status: 413, code: 3002 },
  rule: { status: 400, code: 3003 },
  keyUsedBefore: { status: 422, code: 3003 },
  frequency: { status: 400, code: 3004 },
  unknown: { status: 400, code: 4001 },
  noRoute: { status: 404, code: 404 },
  tooManyRequests: { status: 429, code: 429 },
  unavailable: { status: 503, code: 503 },
  defect: { status: 500, code: 1000 },
} as const satisfies Record<string, { status: number; code: number }>;

export type ErrorKind = keyof typeof KINDS;

/** Routes of templates and signatures (`config`) number their errors otherwise than the others (`sending`). */
export type Family = 'config' | 'sending';

const WHO_IS_ASKING: readonly ErrorKind[] = ['badCredentials', 'disabled', 'forbidden'];

export function codeOf(kind: ErrorKind, family: Family): number {
  const { status, code } = KINDS[kind];
  return family === 'config' && !WHO_IS_ASKING.includes(kind) ? status : code;
}

type Say<C extends RefusalCode> = (refusal: Extract<Refusal, { code: C }>) => string;

/** How each refusal is said: its kind and its words. */
const ANSWER_TO: { readonly [C in RefusalCode]: readonly [ErrorKind, string | Say<C>] } = {
  badCredentials: ['badCredentials', 'invalid apikey or apisecret'],
  credentialDisabled: ['disabled', 'apikey is disabled'],
  credentialExpired: ['disabled', 'apikey is expired'],
  businessSuspended: ['disabled', 'account is suspended'],
  permissionMissing: ['forbidden', ({ permission }) => `apikey has no permission to ${permission}`],
  addressNotAllowed: ['forbidden', 'apikey can not be used from this address'],
  adminOnly: ['forbidden', 'only the administrator can do this'],
  tooManyLogins: ['tooManyRequests', 'too many failed logins'],

  invalidField: ['parameters', ({ field, rule }) => `${fieldName(field)}: ${rule}`],
  invalidRecipient: ['parameters', ({ index }) => `to[${index}] is not a valid number`],
  tooManyRecipients: ['parameters', ({ limit }) => `to must have at most ${limit} numbers`],
  idempotencyMismatch: ['keyUsedBefore', 'Idempotency-Key was used with another body'],
  variableMissing: ['parameters', ({ name }) => `params.${name} is required`],
  textTooLong: [
    'parameters',
    ({ segments }) => `the text needs ${segments} segments, a message can have ${MAX_SEGMENTS}`,
  ],

  pictureNotFound: ['unknown', 'picture not exist'],
  signatureNotFound: ['unknown', 'sign config not exist'],
  signatureInReview: ['rule', 'can not update pending status sign'],
  signatureInUse: ['rule', 'there are pending or running plans using current sign, can not update'],
  signatureNamedByTemplate: ['rule', 'sign config is used by templates, can not delete'],
  signatureTextTaken: ['rule', 'sign_name already exist'],
  signatureNotApproved: ['rule', 'sign status is not approved, can not use'],
  templateNotFound: ['unknown', 'template config not exist'],
  templateNotOfSignature: ['rule', 'template does not use this sign'],
  templateInReview: ['rule', 'can not update pending status template'],
  templateInUse: ['rule', 'there are pending or running plans using current template, can not update'],
  templateNotApproved: ['rule', 'template status is not approved, can not use'],
  planStateWrong: ['rule', ({ state }) => `plan is ${state}`],
  planNotFound: ['unknown', 'plan not exist'],
  messageNotFound: ['unknown', 'message not exist'],

  frequencyExceeded: [
    'frequency',
    ({ recipient }) => `${maskNumber(recipient)} has had too many messages, try again later`,
  ],
  balanceTooLow: ['rule', ({ needed, available }) => `insufficient balance: ${needed} needed, ${available} available`],
  tooManyStreams: ['tooManyRequests', 'too many live views'],
  overloaded: ['tooManyRequests', 'too many requests, try again later'],
  diskFull: ['unavailable', 'service unavailable, try again later'],
  storeAway: ['unavailable', 'service unavailable, try again later'],
  outcomeUnknown: [
    'unavailable',
    'service unavailable, the request may have been carried out: repeat it with the same Idempotency-Key',
  ],

  // What this dialect has no route for.
  fileRefused: ['parameters', 'file can not be read'],
  fileTooLarge: ['parameters', 'file is too large'],
  tooManyDrafts: ['rule', 'there are too many drafts'],
  draftOutdated: ['rule', 'template has changed since the draft was made'],
  businessNotFound: ['unknown', 'account not exist'],
  businessNameTaken: ['rule', 'account name already exist'],
  credentialNotFound: ['unknown', 'apikey not exist'],
  channelNotFound: ['unknown', 'channel not exist'],
  channelNameTaken: ['rule', 'channel name already exist'],
  channelDisabled: ['rule', 'channel disabled'],
  tooManyTests: ['tooManyRequests', 'too many tests of the channel'],
  priceNotFound: ['unknown', 'price not exist'],
  costNotFound: ['unknown', 'cost not exist'],
  tooManyRows: ['rule', 'too many rows'],
  channelNamedByRoute: ['rule', 'channel in use'],
  routeNotFound: ['unknown', 'route not exist'],
  routeNameTaken: ['rule', 'route name already exist'],
  tooManyRoutes: ['rule', 'too many routes'],
  comparisonNotFound: ['unknown', 'comparison not exist'],
  figuresRebuilding: ['rule', 'figures are counted again'],
  balanceLimit: ['rule', 'the balance would be too large'],
  webhookNotFound: ['unknown', 'callback not exist'],
  tooManyWebhooks: ['rule', 'too many callbacks'],
  webhookUnreachable: ['rule', 'callback url does not answer'],
  deliveryNotFound: ['unknown', 'delivery not exist'],
  inboundNotFound: ['unknown', 'uplink message not exist'],
  inboundAssigned: ['rule', 'uplink message already assigned'],
  inboundNumberNotFound: ['unknown', 'number not exist'],
  inboundNumberTaken: ['rule', 'number already exist'],
  keywordNotFound: ['unknown', 'keyword not exist'],
  keywordTaken: ['rule', 'keyword already exist'],
  tooManyKeywords: ['rule', 'too many keywords'],
  recipientNotListed: ['unknown', 'number is not in the list'],
  taskNotFound: ['unknown', 'task not exist'],
  taskActionWrong: ['rule', 'task is in another state'],
  queueNotFound: ['unknown', 'queue not exist'],

  // People and their sessions are the native API's.
  codeRequired: ['badCredentials', 'a code is required'],
  codeWrong: ['badCredentials', 'code is wrong'],
  memberDisabled: ['disabled', 'member is disabled'],
  sessionOver: ['badCredentials', 'session is over'],
  csrfWrong: ['forbidden', 'request comes from another page'],
  passwordChangeNeeded: ['forbidden', 'password must be changed'],
  notAMember: ['rule', 'not a member'],
  ownMember: ['rule', 'members can not do this to themselves'],
  secondFactorState: ['rule', 'second factor is in another state'],
  memberNotFound: ['unknown', 'member not exist'],
  memberNameTaken: ['rule', 'member name already exist'],
  tooManyMembers: ['rule', 'too many members'],
  inviteNotFound: ['unknown', 'invite not exist'],
  sessionNotFound: ['unknown', 'session not exist'],
};

/** What the dialect itself found wrong with a request. */
export class WireError extends Error {
  readonly kind: ErrorKind;

  constructor(kind: ErrorKind, message: string) {
    super(message);
    this.name = 'WireError';
    this.kind = kind;
  }
}

/** Throws that a parameter is wrong unless `condition` holds. */
export function ensure(condition: unknown, message: string): asserts condition {
  if (!condition) throw new WireError('parameters', message);
}

/** Answers with an error. */
export function sayError(reply: FastifyReply, family: Family, kind: ErrorKind, message: string): FastifyReply {
  return sendAnswer(reply, answerOf(family, kind, message));
}

/** What an error is answered in the dialect's words; that something broke is told without saying what. */
export function answerTo(error: unknown, about: object, log: Logger, family: Family): Answer {
  if (error instanceof WireError) return answerOf(family, error.kind, error.message);
  if (error instanceof Refused) {
    const { refusal } = error;
    const [kind, words] = ANSWER_TO[refusal.code] as readonly [ErrorKind, string | Say<RefusalCode>];
    const answer = answerOf(family, kind, typeof words === 'string' ? words : words(refusal as never));
    if (!('retryAfterS' in refusal)) return answer;
    return { ...answer, headers: { ...answer.headers, 'retry-after': String(refusal.retryAfterS) } };
  }
  log.error({ err: error, ...about }, 'an EngageLab request failed');
  return answerOf(family, 'defect', 'Internal server error');
}

/** A route's error handler. */
export function sayErrors(log: Logger, family: Family) {
  return (error: unknown, { id, method, url }: FastifyRequest, reply: FastifyReply): FastifyReply =>
    sendAnswer(reply, answerTo(error, { requestId: id, method, url }, log, family));
}

function answerOf(family: Family, kind: ErrorKind, message: string): Answer {
  const { status } = KINDS[kind];
  const answer = { status, body: { code: codeOf(kind, family), message } };
  return status === 401 ? { ...answer, headers: { 'www-authenticate': 'Basic realm="signet"' } } : answer;
}
