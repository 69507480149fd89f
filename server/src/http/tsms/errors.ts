import type { FastifyReply, FastifyRequest } from 'fastify';
import { type RefusalCode, Refused } from '../../domain/refusals.ts';
import type { Logger } from '../../lib/log.ts';
import { type Answer, sendAnswer } from '../answer.ts';

/** What tsms can answer when it does not answer well. Statuses and texts are the wire's, misspellings included. */
export const ERRORS = {
  'ER:0001': { status: 400, message: 'auth not pass' },
  'ER:0002': { status: 400, message: 'post data is not json' },
  'ER:0003': { status: 400, message: 'please use root user request' },
  'ER:0004': { status: 400, message: 'prams fail' },
  'ER:0011': { status: 403, message: 'edit sign fail' },
  'ER:0012': { status: 403, message: 'delete sign fail' },
  'ER:0013': { status: 403, message: 'sign audit_status fail' },
  'ER:0021': { status: 403, message: 'template prams fail' },
  'ER:0022': { status: 403, message: 'template type fail' },
  'ER:0023': { status: 403, message: 'sign id is not belong to user' },
  'ER:0024': { status: 403, message: 'temp id is not belong to sign' },
  'ER:0025': { status: 403, message: 'edit temp fail, temp status fail.' },
  'ER:0031': { status: 403, message: 'sign is not passed' },
  'ER:0032': { status: 403, message: 'temp is not passed' },
  'ER:0033': { status: 403, message: 'invalidate mobile exist' },
  'ER:0035': { status: 403, message: 'message charge failed' },
  'ER:0036': { status: 403, message: 'send freq out of limit' },
  'ER:0404': { status: 404, message: 'not found' },
  'ER:0429': { status: 429, message: 'too many requests' },
  'ER:0500': { status: 500, message: 'internal error' },
  'ER:0503': { status: 503, message: 'service unavailable' },
} as const;

export type ErrorCode = keyof typeof ERRORS;

/** How a refusal is said, unless the route says it otherwise. */
const ANSWER_TO: Record<RefusalCode, ErrorCode> = {
  badCredentials: 'ER:0001',
  businessSuspended: 'ER:0001',
  credentialDisabled: 'ER:0001',
  credentialExpired: 'ER:0001',
  permissionMissing: 'ER:0001',
  addressNotAllowed: 'ER:0001',
  adminOnly: 'ER:0003',
  invalidField: 'ER:0004',
  invalidRecipient: 'ER:0033',
  tooManyRecipients: 'ER:0033',
  idempotencyMismatch: 'ER:0004',
  pictureNotFound: 'ER:0032',
  signatureNotFound: 'ER:0023',
  signatureInReview: 'ER:0011',
  signatureInUse: 'ER:0011',
  signatureNamedByTemplate: 'ER:0012',
  signatureNotApproved: 'ER:0031',
  templateNotFound: 'ER:0024',
  templateNotOfSignature: 'ER:0024',
  templateInReview: 'ER:0025',
  templateInUse: 'ER:0025',
  templateNotApproved: 'ER:0032',
  variableMissing: 'ER:0004',
  textTooLong: 'ER:0004',
  frequencyExceeded: 'ER:0036',
  balanceTooLow: 'ER:0035',
  balanceLimit: 'ER:0004',
  tooManyLogins: 'ER:0429',
  overloaded: 'ER:0429',
  diskFull: 'ER:0503',
  storeAway: 'ER:0503',
  outcomeUnknown: 'ER:0503',
  // A rule of another dialect's.
  signatureTextTaken: 'ER:0004',
  // Nouns this dialect has no word of its own for.
  businessNotFound: 'ER:0004',
  businessNameTaken: 'ER:0004',
  credentialNotFound: 'ER:0004',
  channelNotFound: 'ER:0004',
  channelNameTaken: 'ER:0004',
  channelDisabled: 'ER:0004',
  tooManyTests: 'ER:0004',
  priceNotFound: 'ER:0004',
  costNotFound: 'ER:0004',
  tooManyRows: 'ER:0004',
  channelNamedByRoute: 'ER:0004',
  routeNotFound: 'ER:0004',
  routeNameTaken: 'ER:0004',
  tooManyRoutes: 'ER:0004',
  figuresRebuilding: 'ER:0004',
  comparisonNotFound: 'ER:0004',
  webhookNotFound: 'ER:0004',
  tooManyWebhooks: 'ER:0004',
  webhookUnreachable: 'ER:0004',
  deliveryNotFound: 'ER:0004',
  planNotFound: 'ER:0004',
  planStateWrong: 'ER:0004',
  messageNotFound: 'ER:0004',
  inboundNotFound: 'ER:0004',
  inboundAssigned: 'ER:0004',
  inboundNumberNotFound: 'ER:0004',
  inboundNumberTaken: 'ER:0004',
  keywordNotFound: 'ER:0004',
  keywordTaken: 'ER:0004',
  tooManyKeywords: 'ER:0004',
  recipientNotListed: 'ER:0004',
  taskNotFound: 'ER:0004',
  taskActionWrong: 'ER:0004',
  queueNotFound: 'ER:0004',
  // People and their sessions are the native API's.
  codeRequired: 'ER:0001',
  codeWrong: 'ER:0001',
  memberDisabled: 'ER:0001',
  sessionOver: 'ER:0001',
  csrfWrong: 'ER:0001',
  passwordChangeNeeded: 'ER:0001',
  notAMember: 'ER:0004',
  ownMember: 'ER:0004',
  secondFactorState: 'ER:0004',
  memberNotFound: 'ER:0004',
  memberNameTaken: 'ER:0004',
  tooManyMembers: 'ER:0004',
  inviteNotFound: 'ER:0004',
  sessionNotFound: 'ER:0004',
  // Files are the native API's.
  tooManyStreams: 'ER:0004',
  fileRefused: 'ER:0004',
  fileTooLarge: 'ER:0004',
  tooManyDrafts: 'ER:0004',
  draftOutdated: 'ER:0032',
};

/** Refusals a route says in words of its own. */
export type OwnAnswers = Partial<Record<RefusalCode, ErrorCode>>;

/** What the dialect itself found wrong with a request. */
export class WireError extends Error {
  readonly code: ErrorCode;
  /** The HTTP status, where it is not the one of the list. */
  readonly status: number;

  constructor(code: ErrorCode, status: number = ERRORS[code].status) {
    super(code);
    this.name = 'WireError';
    this.code = code;
    this.status = status;
  }
}

/** Throws the error unless `condition` holds. */
export function ensure(condition: unknown, code: ErrorCode): asserts condition {
  if (!condition) throw new WireError(code);
}

/** Answers with an error of the list. */
export function sayError(reply: FastifyReply, code: ErrorCode): FastifyReply {
  return sendAnswer(reply, answerOf(code));
}

/** What an error is answered in the dialect's words; that something broke is told without saying what. */
export function answerTo(error: unknown, about: object, log: Logger, own: OwnAnswers = {}): Answer {
  if (error instanceof WireError) return answerOf(error.code, error.status);
  if (error instanceof Refused) {
    const { refusal } = error;
    const answer = answerOf(own[refusal.code] ?? ANSWER_TO[refusal.code]);
    return 'retryAfterS' in refusal ? { ...answer, headers: { 'retry-after': String(refusal.retryAfterS) } } : answer;
  }
  log.error({ err: error, ...about }, 'a tsms request failed');
  return answerOf('ER:0500');
}

/** A route's error handler. */
export function sayErrors(log: Logger, own?: OwnAnswers) {
  return (error: unknown, { id, method, url }: FastifyRequest, reply: FastifyReply): FastifyReply =>
    sendAnswer(reply, answerTo(error, { requestId: id, method, url }, log, own));
}

const answerOf = (code: ErrorCode, status: number = ERRORS[code].status): Answer => ({
  status,
  body: { error: code, message: ERRORS[code].message },
});
