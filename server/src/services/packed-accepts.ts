import type { AcceptedPlan, AcceptPlan, PlanRequest } from './plan-request.ts';
import type { Command, Reply } from './verb-runner.ts';

// Requests to send are most of what crosses to the writer, and nearly all of them are alike but for their numbers. As
// objects, 24 of them take 119 µs to cross and their answers 50; packed, 6 and 5.

/** What few requests have. */
type Rare = Pick<AcceptPlan, 'invalid' | 'parameters' | 'idempotency'>;

/** Requests to send, packed. */
interface PackedAccepts {
  /** How many, then `HEAD` numbers each (command id, place in `requests`, total, recipients), then all recipients. */
  numbers: Float64Array;
  /** Each different one once, about. */
  requests: PlanRequest[];
  /** By the place of the request; null when none has anything rare. */
  rare: (Rare | null)[] | null;
}
const HEAD = 4;
/** Requests are compared with so many of the last different ones: finding all that are alike would cost more. */
const COMPARED = 8;

export interface PackedCommands {
  accepts: PackedAccepts | null;
  others: Command[];
}

/** Order is kept among requests to send, and among everything else. */
export function packCommands(commands: readonly Command[]): PackedCommands {
  const others: Command[] = [];
  const accepts: { id: number; input: AcceptPlan }[] = [];
  let recipients = 0;
  for (const command of commands) {
    if (command.verb !== 'acceptPlan') {
      others.push(command);
      continue;
    }
    const input = command.input as AcceptPlan;
    accepts.push({ id: command.id, input });
    recipients += input.recipients.length;
  }
  return { accepts: accepts.length === 0 ? null : packAccepts(accepts, recipients), others };
}

function packAccepts(accepts: readonly { id: number; input: AcceptPlan }[], recipients: number): PackedAccepts {
  const numbers = new Float64Array(1 + accepts.length * HEAD + recipients);
  const requests: PlanRequest[] = [];
  let rare: (Rare | null)[] | null = null;
  let next = 1 + accepts.length * HEAD;
  numbers[0] = accepts.length;
  for (let i = 0; i < accepts.length; i++) {
    const { id, input } = accepts[i]!;
    const at = 1 + i * HEAD;
    numbers[at] = id;
    numbers[at + 1] = placeOf(input.request, requests);
    numbers[at + 2] = input.total;
    numbers[at + 3] = input.recipients.length;
    for (let n = 0; n < input.recipients.length; n++) numbers[next++] = input.recipients[n]!;
    if (isPlain(input)) continue;
    const { invalid, parameters, idempotency } = input;
    rare ??= new Array<Rare | null>(accepts.length).fill(null);
    rare[i] = { invalid, parameters, idempotency };
  }
  return { numbers, requests, rare };
}

export function unpackCommands({ accepts, others }: PackedCommands): Command[] {
  if (accepts === null) return others;
  const { numbers, requests, rare } = accepts;
  const count = numbers[0]!;
  const commands: Command[] = [];
  let next = 1 + count * HEAD;
  for (let i = 0; i < count; i++) {
    const at = 1 + i * HEAD;
    const recipients: number[] = [];
    for (const end = next + numbers[at + 3]!; next < end; next++) recipients.push(numbers[next]!);
    const { invalid, parameters, idempotency } = rare?.[i] ?? PLAIN;
    const request = requests[numbers[at + 1]!]!;
    const input: AcceptPlan = { request, total: numbers[at + 2]!, recipients, invalid, parameters, idempotency };
    commands.push({ id: numbers[at]!, verb: 'acceptPlan', input });
  }
  for (const command of others) commands.push(command);
  return commands;
}

const PLAIN: Rare = { invalid: [], parameters: { shared: null }, idempotency: null };

const isPlain = ({ invalid, parameters, idempotency }: AcceptPlan): boolean =>
  invalid.length === 0 && idempotency === null && 'shared' in parameters && parameters.shared === null;

function placeOf(request: PlanRequest, requests: PlanRequest[]): number {
  for (let i = requests.length - 1; i >= 0 && i >= requests.length - COMPARED; i--) {
    if (isAlike(request, requests[i]!)) return i;
  }
  return requests.push(request) - 1;
}

/** Whether requests are the same but for their recipients. */
export const isAlike = (a: PlanRequest, b: PlanRequest): boolean =>
  a.businessId === b.businessId &&
  a.templateId === b.templateId &&
  a.signatureId === b.signatureId &&
  a.dialect === b.dialect &&
  a.name === b.name &&
  a.unsetVariables === b.unsetVariables &&
  a.startAt === b.startAt &&
  a.customArgs === b.customArgs;

export interface PackedReplies {
  /** Accepted requests, `REPLY` numbers each: command id, plan id, total, accepted. */
  accepted: Float64Array;
  /** Their uuids, one behind the other; `NO_UUID` for those that have none. */
  uuids: string;
  others: Reply[];
}
const REPLY = 4;
const UUID_LENGTH = 36;
const NO_UUID = '-'.repeat(UUID_LENGTH);

/** @param isAccept whether a command of this id asked for a plan to be accepted; asked once of each reply, refusals too */
export function packReplies(replies: readonly Reply[], isAccept: (id: number) => boolean): PackedReplies {
  const others: Reply[] = [];
  const accepted: { id: number; value: AcceptedPlan }[] = [];
  for (const reply of replies) {
    const isOfAccept = isAccept(reply.id);
    if (isOfAccept && 'value' in reply) accepted.push({ id: reply.id, value: reply.value as AcceptedPlan });
    else others.push(reply);
  }
  const numbers = new Float64Array(accepted.length * REPLY);
  let uuids = '';
  for (let i = 0; i < accepted.length; i++) {
    const { id, value } = accepted[i]!;
    numbers[i * REPLY] = id;
    numbers[i * REPLY + 1] = value.planId;
    numbers[i * REPLY + 2] = value.total;
    numbers[i * REPLY + 3] = value.accepted;
    uuids += value.uuid ?? NO_UUID;
  }
  return { accepted: numbers, uuids, others };
}

export function unpackReplies({ accepted, uuids, others }: PackedReplies): Reply[] {
  if (accepted.length === 0) return others;
  const replies: Reply[] = [];
  for (let at = 0, from = 0; at < accepted.length; at += REPLY, from += UUID_LENGTH) {
    const uuid = uuids.slice(from, from + UUID_LENGTH);
    const value: AcceptedPlan = {
      planId: accepted[at + 1]!,
      uuid: uuid === NO_UUID ? null : uuid,
      total: accepted[at + 2]!,
      accepted: accepted[at + 3]!,
    };
    replies.push({ id: accepted[at]!, value });
  }
  for (const reply of others) replies.push(reply);
  return replies;
}
