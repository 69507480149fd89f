import type { FastifyReply } from 'fastify';
import type { Refusal, RefusalCode } from '../../domain/refusals.ts';
import { Refused } from '../../domain/refusals.ts';
import { type Logger, maskNumber } from '../../lib/log.ts';

/** An answer that says no (RFC 9457). `code` is what programs compare; `detail` tells a person what to do. */
export interface Problem {
  status: number;
  code: ProblemCode;
  title: string;
  detail: string;
  /** The field of the request it speaks of, dotted. */
  field?: string;
  retryAfterS?: number;
}

export type ProblemCode = (typeof PROBLEM_CODES)[number];

type Say<C extends RefusalCode> = (refusal: Extract<Refusal, { code: C }>) => string;

/** How one refusal is answered here. */
type Row<C extends RefusalCode> = { status: number; title: string; detail: string | Say<C> };

const PROBLEMS: { readonly [C in RefusalCode]: Row<C> } = {
  badCredentials: {
    status: 401,
    title: 'Not signed in',
    detail: 'Sign in by HTTP Basic: a user name and its password, or an API key and its secret.',
  },
  tooManyLogins: {
    status: 429,
    title: 'Too many failed logins',
    detail: ({ retryAfterS }) => `Check user name and password, and come back in ${retryAfterS} s.`,
  },
  businessSuspended: {
    status: 403,
    title: 'Business suspended',
    detail: 'This business may not use the platform. Only its operator can resume it.',
  },
  credentialDisabled: {
    status: 401,
    title: 'API key disabled',
    detail: 'Enable the API key again, or use another one.',
  },
  credentialExpired: {
    status: 401,
    title: 'API key expired',
    detail: 'Create a new API key and use that.',
  },
  permissionMissing: {
    status: 403,
    title: 'Permission missing',
    detail: ({ permission }) =>
      `This needs the permission "${permission}". Use an API key that has it, or the user name and password.`,
  },
  addressNotAllowed: {
    status: 403,
    title: 'Address not allowed',
    detail: 'This API key may not be used from this IP address. Call from an allowed one, or use another key.',
  },
  adminOnly: {
    status: 403,
    title: 'Administrator only',
    detail: 'Only the administrator may do this. Sign in as root.',
  },
  codeRequired: {
    status: 401,
    title: 'Code required',
    detail: 'The password is right. Give the code of your authenticator app as well, as `code`.',
  },
  codeWrong: {
    status: 401,
    title: 'Code wrong',
    detail: 'Give the code your authenticator app shows now; each works once. Check the clock of the phone.',
  },
  memberDisabled: {
    status: 403,
    title: 'Member disabled',
    detail: 'You may not sign in any more. Ask whoever manages the members to enable you again.',
  },
  sessionOver: {
    status: 401,
    title: 'Session over',
    detail: 'Sign in again: POST /api/v1/session with name and password.',
  },
  csrfWrong: {
    status: 403,
    title: 'Not from the console',
    detail: 'A session changes things only with its csrf_token in the header x-csrf-token, and never for another site.',
  },
  passwordChangeNeeded: {
    status: 403,
    title: 'Choose a password first',
    detail: 'Your password was made by somebody else. POST /api/v1/session/password with a new one; then go on.',
  },
  notAMember: {
    status: 409,
    title: 'Not a member',
    detail: "This is a business's own login, which has no second factor. Make yourself a member and sign in as that.",
  },
  ownMember: {
    status: 409,
    title: 'That is you',
    detail: 'Nobody changes the own role, disables or deletes themselves. Ask another who manages the members.',
  },
  secondFactorState: {
    status: 409,
    title: 'Second factor in another state',
    detail: ({ on }) =>
      on
        ? 'There is a second factor already. Remove it first.'
        : 'There is no second factor that waits for this. Begin with POST /api/v1/session/totp.',
  },
  memberNotFound: {
    status: 404,
    title: 'No such member',
    detail: 'No member has this id; GET /api/v1/members lists them.',
  },
  memberNameTaken: {
    status: 409,
    title: 'Name taken',
    detail: 'A member, an invite or a business has this name. Choose another name.',
  },
  tooManyMembers: {
    status: 409,
    title: 'Too many members',
    detail: ({ limit }) => `There may be ${limit}, open invites included. Delete one first.`,
  },
  inviteNotFound: {
    status: 404,
    title: 'No such invite',
    detail: 'The invite was used, taken back, or is too old. Ask for a new one.',
  },
  sessionNotFound: {
    status: 404,
    title: 'No such session',
    detail: 'You have no session with this id; GET /api/v1/sessions lists yours.',
  },
  invalidField: {
    status: 400,
    title: 'Invalid field',
    detail: ({ field, rule }) => `${field}: ${rule}`,
  },
  invalidRecipient: {
    status: 400,
    title: 'Invalid recipient',
    detail: ({ index }) => `Recipient ${index} (counted from 0) cannot be a mobile number. Correct it or leave it out.`,
  },
  tooManyRecipients: {
    status: 400,
    title: 'Too many recipients',
    detail: ({ limit }) => `At most ${limit} recipients in one request. Send the others in further requests.`,
  },
  idempotencyMismatch: {
    status: 409,
    title: 'Idempotency key used before',
    detail: 'The same Idempotency-Key came with another body. Use a new key for a new request.',
  },
  fileRefused: {
    status: 400,
    title: 'File not usable',
    detail: ({ why }) => `The file cannot be used: ${why}.`,
  },
  fileTooLarge: {
    status: 413,
    title: 'File too large',
    detail: ({ limitBytes }) => `A file may have ${limitBytes / 1_000_000} MB (SIGNET_MAX_FILE_MB). Split it.`,
  },
  tooManyDrafts: {
    status: 409,
    title: 'Too many drafts',
    detail: ({ limit }) => `${limit} drafts wait to be confirmed. Confirm or discard one first.`,
  },
  draftOutdated: {
    status: 409,
    title: 'Draft outdated',
    detail: 'Its template or signature says something else than when the file was uploaded. Upload it again.',
  },
  businessNotFound: {
    status: 404,
    title: 'No such business',
    detail: 'No business has this id or user name; GET /api/v1/businesses lists them for the administrator.',
  },
  businessNameTaken: {
    status: 409,
    title: 'User name taken',
    detail: 'A business of this name exists. Choose another name.',
  },
  credentialNotFound: {
    status: 404,
    title: 'No such API key',
    detail: 'No API key has this id; GET /api/v1/api-keys lists them.',
  },
  channelDisabled: {
    status: 409,
    title: 'Channel stopped',
    detail: 'A stopped channel sends nothing, a test neither. Enable it first.',
  },
  tooManyTests: {
    status: 429,
    title: 'Tested too often',
    detail: ({ limit, retryAfterS }) =>
      `A channel may be tested ${limit} times a minute: its carrier charges for each. Try again in ${retryAfterS} s.`,
  },
  channelNotFound: {
    status: 404,
    title: 'No such channel',
    detail: 'No channel has this id; GET /api/v1/channels lists them.',
  },
  priceNotFound: {
    status: 404,
    title: 'No such price',
    detail: 'No row of a price table has this id; GET /api/v1/price-rows lists them.',
  },
  costNotFound: {
    status: 404,
    title: 'No such cost',
    detail: "No row of a channel's costs has this id; GET /api/v1/channels/:id/costs lists them.",
  },
  tooManyRows: {
    status: 409,
    title: 'Table full',
    detail: ({ limit }) => `A table has at most ${limit} rows. Take out rows that are over, or join prefixes.`,
  },
  comparisonNotFound: {
    status: 404,
    title: 'No such comparison',
    detail: 'There is no comparison with this id any more: the newest are kept. Compare again.',
  },
  figuresRebuilding: {
    status: 409,
    title: 'Figures are being counted',
    detail: 'The figures of some time are counted again already. Wait until that is done.',
  },
  channelNameTaken: {
    status: 409,
    title: 'Channel name taken',
    detail: 'A channel of this name exists. Choose another name.',
  },
  channelNamedByRoute: {
    status: 409,
    title: 'Channel named by a route',
    detail: ({ routes }) =>
      `Change or delete these routes first: ${routes.join(', ')}. Disabling the channel needs neither.`,
  },
  routeNotFound: {
    status: 404,
    title: 'No such route',
    detail: 'No route has this id; GET /api/v1/routes lists them.',
  },
  routeNameTaken: {
    status: 409,
    title: 'Route name taken',
    detail: 'A route of this name exists. Choose another name.',
  },
  tooManyRoutes: {
    status: 409,
    title: 'Too many routes',
    detail: ({ limit }) => `There may be ${limit}. Delete one first.`,
  },
  webhookNotFound: {
    status: 404,
    title: 'No such webhook',
    detail: 'No webhook has this id; GET /api/v1/webhooks lists them.',
  },
  tooManyWebhooks: {
    status: 409,
    title: 'Too many webhooks',
    detail: ({ limit }) => `A business may have ${limit}. Delete one first.`,
  },
  webhookUnreachable: {
    status: 422,
    title: 'Webhook does not answer',
    detail: ({ reason }) =>
      `A POST of {} to the address must be answered with 200 within 3 s, but ${reason}. Nothing was saved.`,
  },
  deliveryNotFound: {
    status: 404,
    title: 'No such delivery',
    detail: 'No delivery of this webhook has this id; GET /api/v1/webhooks/:id/deliveries lists them.',
  },
  planNotFound: {
    status: 404,
    title: 'No such plan',
    detail: 'No plan has this id; GET /api/v1/plans lists them.',
  },
  planStateWrong: {
    status: 409,
    title: 'Plan in another state',
    detail: ({ state }) =>
      state === 'draft'
        ? 'The plan is a draft: it can be confirmed or discarded.'
        : `The plan is ${state}, and this cannot be done to such a plan.`,
  },
  messageNotFound: {
    status: 404,
    title: 'No such message',
    detail: 'No message has this id; GET /api/v1/messages lists them.',
  },
  inboundNotFound: {
    status: 404,
    title: 'No such inbound message',
    detail: 'No inbound message has this id; GET /api/v1/inbound lists them.',
  },
  inboundAssigned: {
    status: 409,
    title: 'Inbound message assigned',
    detail:
      'The message belongs to a business already; GET /api/v1/inbound?unmatched=yes lists those that can be given to one.',
  },
  inboundNumberNotFound: {
    status: 404,
    title: 'No such inbound number',
    detail: 'No inbound number has this id; GET /api/v1/inbound-numbers lists them.',
  },
  inboundNumberTaken: {
    status: 409,
    title: 'Inbound number taken',
    detail: 'This number is given to a business already, on this channel. Delete that first.',
  },
  keywordNotFound: {
    status: 404,
    title: 'No such keyword',
    detail: 'No keyword has this id; GET /api/v1/keywords lists them.',
  },
  keywordTaken: {
    status: 409,
    title: 'Keyword taken',
    detail: 'The business has this keyword already, or another business has it on shared numbers. Choose another word.',
  },
  tooManyKeywords: {
    status: 409,
    title: 'Too many keywords',
    detail: ({ limit }) => `A business may have ${limit} keywords. Delete one first.`,
  },
  recipientNotListed: {
    status: 404,
    title: 'Not on the list',
    detail: 'This number is not on the list.',
  },
  pictureNotFound: {
    status: 404,
    title: 'No such picture',
    detail: 'No picture has this id; POST /api/v1/pictures keeps one and tells its id.',
  },
  signatureNotFound: {
    status: 404,
    title: 'No such signature',
    detail: 'No signature has this id; GET /api/v1/signatures lists them.',
  },
  signatureInReview: {
    status: 409,
    title: 'Signature in review',
    detail: 'It waits for its reviewer. Change it after the decision.',
  },
  signatureInUse: {
    status: 409,
    title: 'Signature in use',
    detail: 'A plan that is pending, running or paused names it. Try again when the plan is done, or cancel it.',
  },
  signatureNamedByTemplate: {
    status: 409,
    title: 'Signature named by a template',
    detail: 'Delete the templates that name it first.',
  },
  signatureTextTaken: {
    status: 409,
    title: 'Signature text taken',
    detail: 'Another signature of this business has the same text. Choose another text.',
  },
  signatureNotApproved: {
    status: 409,
    title: 'Signature not approved',
    detail: 'Wait until a reviewer has approved it, or use another one.',
  },
  templateNotFound: {
    status: 404,
    title: 'No such template',
    detail: 'No template has this id; GET /api/v1/templates lists them.',
  },
  templateNotOfSignature: {
    status: 409,
    title: 'Template of another signature',
    detail: 'Name the signature the template belongs to.',
  },
  templateInReview: {
    status: 409,
    title: 'Template in review',
    detail: 'It waits for its reviewer. Change it after the decision.',
  },
  templateInUse: {
    status: 409,
    title: 'Template in use',
    detail: 'A plan that is pending, running or paused names it. Try again when the plan is done, or cancel it.',
  },
  templateNotApproved: {
    status: 409,
    title: 'Template not approved',
    detail: 'Wait until a reviewer has approved it, or use another one.',
  },
  variableMissing: {
    status: 400,
    title: 'Variable without a value',
    detail: ({ name }) => `Give the template's variable "${name}" a value for every recipient.`,
  },
  textTooLong: {
    status: 400,
    title: 'Text too long',
    detail: ({ segments }) => `The text takes ${segments} segments, more than one message may have. Shorten it.`,
  },
  frequencyExceeded: {
    status: 429,
    title: 'Sent too often',
    detail: ({ recipient }) =>
      `${maskNumber(recipient)} has had as many messages as the frequency limits allow. Nothing was sent. Try again later.`,
  },
  balanceTooLow: {
    status: 409,
    title: 'Balance too low',
    detail: ({ needed, available }) => `This takes ${needed} credits and ${available} are available. Top up first.`,
  },
  balanceLimit: {
    status: 409,
    title: 'Balance at its limit',
    detail: 'The balance would reach 2^53 credits. Add fewer.',
  },
  taskNotFound: {
    status: 404,
    title: 'No such task',
    detail: 'No task has this id; what waited may have been done since. GET /api/v1/tasks lists them.',
  },
  taskActionWrong: {
    status: 409,
    title: 'Task in another state',
    detail: ({ state, actions }) =>
      `The task is ${state}: ${actions.length === 0 ? 'nothing can be done to it' : `it can be ${actions.join(' or ')}`}.`,
  },
  queueNotFound: {
    status: 404,
    title: 'No such queue',
    detail: 'No queue has this name; GET /api/v1/queues lists them.',
  },
  tooManyStreams: {
    status: 429,
    title: 'Too many live views',
    detail: ({ limit, retryAfterS }) => `At most ${limit} may be open. Close one, or come back in ${retryAfterS} s.`,
  },
  overloaded: {
    status: 503,
    title: 'Overloaded',
    detail: ({ retryAfterS }) => `Nothing was changed. Try again in ${retryAfterS} s.`,
  },
  diskFull: {
    status: 503,
    title: 'Disk nearly full',
    detail: ({ retryAfterS }) => `Nothing was changed. Free disk space, or try again in ${retryAfterS} s.`,
  },
  storeAway: {
    status: 503,
    title: 'Storage away',
    detail: ({ retryAfterS }) => `Nothing was changed. Try again in ${retryAfterS} s.`,
  },
  outcomeUnknown: {
    status: 503,
    title: 'Outcome unknown',
    detail: ({ retryAfterS }) =>
      `The storage went away while this was written: it may have been done or not. Repeat it in ${retryAfterS} s with the same Idempotency-Key, which does it once; without a key, look first whether it was done.`,
  },
};

/** Every code a problem of this API can have: what rules say no with, and what is wrong with a request before any is asked. */
export const PROBLEM_CODES = [
  ...(Object.keys(PROBLEMS) as RefusalCode[]),
  ...(['bodyTooLarge', 'unsupportedMediaType', 'badUrl', 'bodyNotJson', 'badRequest'] as const),
  ...(['requestUnreadable', 'pathNotFound', 'methodNotAllowed', 'defect'] as const),
];

/** How a rule's no is said here. */
export function problemOf(refusal: Refusal): Problem {
  const { status, title, detail } = PROBLEMS[refusal.code] as Row<RefusalCode>;
  return {
    status,
    code: refusal.code,
    title,
    detail: typeof detail === 'string' ? detail : detail(refusal as never),
    ...('field' in refusal ? { field: refusal.field } : {}),
    ...('retryAfterS' in refusal ? { retryAfterS: refusal.retryAfterS } : {}),
  };
}

/** What Fastify itself says no to, by its error codes. */
const FRAMEWORK_PROBLEMS: Record<string, Omit<Problem, 'status'>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'bodyTooLarge', title: 'Body too large', detail: 'Send a smaller body.' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    code: 'unsupportedMediaType',
    title: 'Type of body not accepted',
    detail:
      'Send the body as JSON, with Content-Type: application/json. A file for POST /plans is the body itself, with Content-Type: text/csv or application/octet-stream, not multipart.',
  },
  FST_ERR_BAD_URL: { code: 'badUrl', title: 'Bad URL', detail: 'Percent-encode the path correctly (RFC 3986).' },
};

/** The body is no JSON text. */
export class NotJson extends Error {}

/** How anything thrown on the way to an answer is said. What is nobody's mistake but ours goes to the log only. */
export function problemOfError(error: unknown, log: Logger, requestId: string): Problem {
  if (error instanceof Refused) return problemOf(error.refusal);
  if (error instanceof NotJson) {
    return {
      status: 400,
      code: 'bodyNotJson',
      title: 'Body is not JSON',
      detail: `Send one JSON object (RFC 8259). ${error.message}`,
    };
  }
  const { code = '', statusCode = 500 } = error as { code?: string; statusCode?: number };
  const known = FRAMEWORK_PROBLEMS[code];
  if (known !== undefined) return { status: statusCode, ...known };
  if (statusCode >= 400 && statusCode < 500) {
    return {
      status: statusCode,
      code: 'badRequest',
      title: 'Bad request',
      detail: 'The request is not valid HTTP/1.1.',
    };
  }
  log.error({ err: error, requestId }, 'a request failed');
  return {
    status: 500,
    code: 'defect',
    title: 'Internal error',
    detail: `Something broke that is not your mistake; nothing more is known here. The log of the server tells more under request ${requestId}.`,
  };
}

/** Answers with a problem. `toPage`: a script asks, and its browser must not ask for a password by itself. */
export function sendProblem(reply: FastifyReply, problem: Problem, toPage = false): FastifyReply {
  const { status, code, title, detail, field, retryAfterS } = problem;
  if (status === 401) reply.header('www-authenticate', `${toPage ? 'Session' : 'Basic'} realm="signet"`);
  if (retryAfterS !== undefined) reply.header('retry-after', String(retryAfterS));
  const body = {
    type: `urn:signet:problem:${code}`,
    title,
    status,
    detail,
    code,
    ...(field === undefined ? {} : { field }),
  };
  // A serialised text, because Fastify would call an object of any +json type application/json.
  return reply.code(status).type('application/problem+json').send(JSON.stringify(body));
}
