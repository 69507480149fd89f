import { parseRecipient, parseRecipientInteger } from '../../domain/recipient.ts';
import { must } from '../../domain/refusals.ts';
import type { Parameters } from '../../domain/template.ts';
import type { RequestParameters } from '../../services/plan-request.ts';
import { isParameters, withDefaults } from '../parameters.ts';
import { ensure } from './errors.ts';
import { isGiven, isObject, type JsonObject, readInteger } from './shape.ts';

/** A request to send, read and with its numbers checked. */
export interface SendRequest {
  signatureId: number;
  templateId: number;
  /** E.164, in the order of the request, none twice. */
  recipients: number[];
  parameters: RequestParameters;
}

/** Who is to get the text, as written: the arrays run in step. `own` is null when all share one set of values. */
interface Addressees {
  mobiles: (string | number)[];
  own: (Parameters | null)[] | null;
}

/**
 * Reads the body of a send: first the shape of everything in it, then the numbers.
 * @param defaultCountry ISO 3166-1 alpha-2, for numbers written without +
 * @throws WireError with ER:0004; Refused with tooManyRecipients or invalidRecipient
 */
export function readSendRequest(request: JsonObject, defaultCountry: string, maxRecipients: number): SendRequest {
  const signatureId = readInteger(request.sign_id);
  const templateId = readInteger(request.temp_id);
  ensure(signatureId !== null && templateId !== null, 'ER:0004');
  const shared = readParameters(request.params);
  const { mobiles, own } = readAddressees(request);

  must(mobiles.length <= maxRecipients, { code: 'tooManyRecipients', limit: maxRecipients });
  const recipients: number[] = [];
  const each: (Parameters | null)[] = [];
  /** Null: of one number there is none before it. */
  const seen = mobiles.length === 1 ? null : new Set<number>();
  for (let i = 0; i < mobiles.length; i++) {
    const mobile = mobiles[i]!;
    const recipient =
      typeof mobile === 'string'
        ? parseRecipient(mobile, defaultCountry)
        : parseRecipientInteger(mobile, defaultCountry);
    must(recipient !== null, { code: 'invalidRecipient', index: i });
    // A number given again is the same person: the first time counts, with its values.
    if (seen?.has(recipient)) continue;
    seen?.add(recipient);
    recipients.push(recipient);
    if (own !== null) each.push(withDefaults(own[i]!, shared));
  }
  return { signatureId, templateId, recipients, parameters: own === null ? { shared } : { each } };
}

/** `mobiles`, or `recipients` with values of their own; a request with both contradicts itself. */
function readAddressees(request: JsonObject): Addressees {
  const { mobiles, recipients } = request;
  if (!isGiven(recipients)) return { mobiles: readMobiles(mobiles), own: null };
  ensure(!isGiven(mobiles) && Array.isArray(recipients) && recipients.length > 0, 'ER:0004');
  const addressees = { mobiles: [] as (string | number)[], own: [] as (Parameters | null)[] };
  for (const recipient of recipients as unknown[]) {
    ensure(isObject(recipient) && isMobile(recipient.mobile), 'ER:0004');
    addressees.mobiles.push(recipient.mobile);
    addressees.own.push(readParameters(recipient.params));
  }
  return addressees;
}

function readMobiles(value: unknown): (string | number)[] {
  ensure(Array.isArray(value) && value.length > 0, 'ER:0004');
  for (const mobile of value) ensure(isMobile(mobile), 'ER:0004');
  return value;
}

/** Whether it is written like a number to send to; which numbers exist is asked later. */
function isMobile(value: unknown): value is string | number {
  return typeof value === 'string' || Number.isInteger(value);
}

/** Values by variable name; null when the request gives none. */
function readParameters(value: unknown): Parameters | null {
  if (!isGiven(value)) return null;
  ensure(isParameters(value), 'ER:0004');
  return value;
}
