import { CUSTOM_ARGS_MAX_BYTES } from '../../domain/plan.ts';
import { parseRecipient } from '../../domain/recipient.ts';
import { must } from '../../domain/refusals.ts';
import { codePoints, type Parameters } from '../../domain/template.ts';
import type { RequestParameters } from '../../services/plan-request.ts';
import { isParameters, withDefaults } from '../parameters.ts';
import { ensure } from './errors.ts';
import { isGiven, isObject, type JsonObject, readId } from './shape.ts';

/** A request to send, read and with its numbers told apart. */
export interface SendRequest {
  templateId: number;
  name: string;
  /** When to start, milliseconds since 1970; null: now. */
  startAt: number | null;
  /** JSON text of an object. */
  customArgs: string | null;
  /** Recipients asked for, repeated and invalid ones included. */
  total: number;
  /** E.164, in the order of the request, none twice. */
  recipients: number[];
  /** What cannot be a mobile number, as written. */
  invalid: string[];
  parameters: RequestParameters;
}

/** The name of a plan that is given none. */
const PLAN_NAME = '-';
const PLAN_NAME_MAX_LENGTH = 255;

/** Who is to get the text, as written: the arrays run in step. `own` is null when all share one set of values. */
interface Addressees {
  numbers: string[];
  own: (Parameters | null)[] | null;
}

/**
 * Reads the body of a send: first the shape of everything in it, then the numbers.
 * @throws WireError for parameters; Refused with tooManyRecipients
 */
export function readSendRequest(request: JsonObject, maxRecipients: number): SendRequest {
  const { template } = request;
  ensure(isGiven(template), 'template is required');
  ensure(isObject(template), 'template must be an object');
  ensure(isGiven(template.id) && template.id !== '', 'template.id is required');
  const templateId = readId(template.id);
  ensure(templateId !== null, 'template.id must be digits');
  const shared = readParameters(template.params, 'template.params');
  const name = readPlanName(request.plan_name);
  const startAt = readScheduleTime(request.schedule_time);
  const customArgs = readCustomArgs(request.custom_args);
  const addressees = readTo(request.to);

  const total = addressees.numbers.length;
  must(total <= maxRecipients, { code: 'tooManyRecipients', limit: maxRecipients });
  const { recipients, invalid, parameters } = sortOut(addressees, shared);
  ensure(recipients.length > 0, 'to has no valid number');
  return { templateId, name, startAt, customArgs, total, recipients, invalid, parameters };
}

function sortOut({ numbers, own }: Addressees, shared: Parameters | null) {
  const recipients: number[] = [];
  const invalid: string[] = [];
  const each: (Parameters | null)[] = [];
  const seen = new Set<number>();
  for (let i = 0; i < numbers.length; i++) {
    const recipient = parseRecipient(numbers[i]!, null);
    if (recipient === null) invalid.push(numbers[i]!);
    // A number given again is the same person: the first time counts, with its values.
    if (recipient === null || seen.has(recipient)) continue;
    seen.add(recipient);
    recipients.push(recipient);
    if (own !== null) each.push(withDefaults(own[i]!, shared));
  }
  const parameters: RequestParameters = own === null ? { shared } : { each };
  return { recipients, invalid, parameters };
}

/** A list of numbers, each alone or with values of its own. */
function readTo(value: unknown): Addressees {
  ensure(isGiven(value), 'to is required');
  ensure(Array.isArray(value), 'to must be a list of numbers');
  ensure(value.length > 0, 'to is required');
  const addressees: Addressees = { numbers: [], own: null };
  for (let i = 0; i < value.length; i++) {
    const entry: unknown = value[i];
    const { to, params } = isObject(entry) ? entry : { to: entry, params: null };
    ensure(typeof to === 'string', `to[${i}] must be a string, or an object with one in "to"`);
    addressees.numbers.push(to);
    const parameters = readParameters(params, `to[${i}].params`);
    if (parameters !== null) addressees.own ??= Array(i).fill(null);
    addressees.own?.push(parameters);
  }
  return addressees;
}

/** Values by variable name; null when the request gives none. */
function readParameters(value: unknown, field: string): Parameters | null {
  if (!isGiven(value)) return null;
  ensure(isObject(value), `${field} must be an object`);
  ensure(isParameters(value), `${field} must have strings, booleans or numbers (integers below 2^53) as values`);
  return value;
}

function readPlanName(value: unknown): string {
  if (!isGiven(value)) return PLAN_NAME;
  ensure(typeof value === 'string', 'plan_name must be a string');
  ensure(codePoints(value) <= PLAN_NAME_MAX_LENGTH, `plan_name must have at most ${PLAN_NAME_MAX_LENGTH} characters`);
  return value.trim() === '' ? PLAN_NAME : value;
}

function readScheduleTime(value: unknown): number | null {
  if (!isGiven(value)) return null;
  ensure(Number.isSafeInteger(value), 'schedule_time must be an integer, in seconds since 1970');
  return (value as number) * 1_000;
}

function readCustomArgs(value: unknown): string | null {
  if (!isGiven(value)) return null;
  ensure(isObject(value), 'custom_args must be an object');
  const text = JSON.stringify(value);
  ensure(
    Buffer.byteLength(text) <= CUSTOM_ARGS_MAX_BYTES,
    `custom_args must have at most ${CUSTOM_ARGS_MAX_BYTES} octets as JSON`,
  );
  return text;
}
