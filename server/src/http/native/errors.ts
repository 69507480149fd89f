import type { FastifyReply } from 'fastify';
import type { Refusal, RefusalCode } from '../../domain/refusals.ts';
import { Refused } from '../../domain/refusals.ts';
import type { Logger } from '../../lib/log.ts';

/** An answer that says no (RFC 9457). `code` is what programs compare; `detail` tells a person what to do. */
export interface Problem {
  status: number;
  code: string;
  title: string;
  detail: string;
  /** The field of the request it speaks of, dotted. */
  field?: string;
  retryAfterS?: number;
}

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
  businessNotFound: {
    status: 404,
    title: 'No such business',
    detail: 'Check the id or user name; GET /api/v1/businesses lists them for the administrator.',
  },
  businessNameTaken: {
    status: 409,
    title: 'User name taken',
    detail: 'A business of this name exists. Choose another name.',
  },
  credentialNotFound: {
    status: 404,
    title: 'No such API key',
    detail: 'Check the id; GET /api/v1/api-keys lists them.',
  },
  channelNotFound: {
    status: 404,
    title: 'No such channel',
    detail: 'Check the id; GET /api/v1/channels lists them.',
  },
  channelNameTaken: {
    status: 409,
    title: 'Channel name taken',
    detail: 'A channel of this name exists. Choose another name.',
  },
  planNotFound: {
    status: 404,
    title: 'No such plan',
    detail: 'Check the id; GET /api/v1/plans lists them.',
  },
  messageNotFound: {
    status: 404,
    title: 'No such message',
    detail: 'Check the id; GET /api/v1/messages lists them.',
  },
  signatureNotFound: {
    status: 404,
    title: 'No such signature',
    detail: 'Check the id; GET /api/v1/signatures lists them.',
  },
  signatureInReview: {
    status: 409,
    title: 'Signature in review',
    detail: 'It waits for its reviewer. Change it after the decision.',
  },
  signatureInUse: {
    status: 409,
    title: 'Signature in use',
    detail: 'A plan that is still sending names it. Try again when the plan is done.',
  },
  signatureNamedByTemplate: {
    status: 409,
    title: 'Signature named by a template',
    detail: 'Delete the templates that name it first.',
  },
  signatureNotApproved: {
    status: 409,
    title: 'Signature not approved',
    detail: 'Wait until a reviewer has approved it, or use another one.',
  },
  templateNotFound: {
    status: 404,
    title: 'No such template',
    detail: 'Check the id; GET /api/v1/templates lists them.',
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
    detail: 'A plan that is still sending names it. Try again when the plan is done.',
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
    detail: 'A recipient has had as many messages as the frequency limit allows. Try again later.',
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
};

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
    title: 'Body is not JSON',
    detail: 'Send the body as JSON, with Content-Type: application/json.',
  },
  FST_ERR_BAD_URL: { code: 'badUrl', title: 'Bad URL', detail: 'Percent-encode the path correctly (RFC 3986).' },
  FST_ERR_MAX_PARAM_LENGTH: { code: 'badUrl', title: 'Bad URL', detail: 'A part of the path is too long.' },
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

/** Answers with a problem. */
export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  const { status, code, title, detail, field, retryAfterS } = problem;
  if (status === 401) reply.header('www-authenticate', 'Basic realm="signet"');
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
