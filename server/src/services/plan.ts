import { type PreparedContent, segmentsOf } from '../domain/content.ts';
import { effectOf } from '../domain/ledger.ts';
import type { Dialect, Plan } from '../domain/plan.ts';
import { priceOf } from '../domain/price.ts';
import { must, Refused } from '../domain/refusals.ts';
import { missingVariable, namedValues, type Parameters } from '../domain/template.ts';
import { uuidForId } from '../lib/ids.ts';
import type { NewLedgerEntry, NewMessages, Tx } from '../store/store.ts';
import { type Admitted, admit, prepare, staged } from './admission.ts';
import { EventBatch } from './event.ts';
import { type Answer, type Ctx, single, type Verb } from './verb.ts';

/** A request to send, with its numbers already read. */
export interface PlanRequest {
  businessId: number;
  dialect: Dialect;
  name: string;
  templateId: number;
  /** The signature the request names; it must be the template's. Undefined: whatever the template has. */
  signatureId?: number;
  /** What to do with a variable that has no value. */
  unsetVariables: 'refuse' | 'literal';
}

/** Values for the variables: the same for all, or one set a recipient. */
export type RequestParameters = { shared: Parameters | null } | { each: readonly (Parameters | null)[] };

/** A request small enough to be accepted in one step. */
export interface AcceptPlan {
  request: PlanRequest;
  /** E.164 numbers, none twice. */
  recipients: readonly number[];
  parameters: RequestParameters;
  /** Makes a repeated request answer what the first one was answered. */
  idempotency: { route: string; key: string; bodyHash: string } | null;
}

/** What the sender is told. */
export interface AcceptedPlan {
  planId: number;
  /** Only for tsms plans. */
  uuid: string | null;
  accepted: number;
}

/** Segments most messages may have: the part number is one octet (3GPP 23.040 §9.2.3.24.1). */
const MAX_SEGMENTS = 255;

/** Accepts plans: checks, reserves the credits and stores every message, or refuses and leaves no trace. */
export const acceptPlan: Verb<AcceptPlan, AcceptedPlan> = {
  priority: 1,
  rows: (input) => input.recipients.length + 2,
  async run(tx, ctx, inputs) {
    const batch = new AcceptBatch(tx, ctx);
    const answers: Answer<AcceptedPlan>[] = [];
    for (const input of inputs) {
      try {
        answers.push({ value: await batch.accept(input) });
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        answers.push({ refusal: error.refusal });
      }
    }
    await batch.write();
    return answers;
  },
};

/** First step of a large request: checks what can be checked early and opens a plan that nobody sees yet. */
export const stagePlan = single(
  async (
    tx,
    ctx,
    input: { request: PlanRequest; total: number; idempotency: AcceptPlan['idempotency'] },
  ): Promise<{ planId: number } | { replayed: AcceptedPlan }> => {
    const earlier = await replayed(tx, input.request.businessId, input.idempotency);
    if (earlier !== null) return { replayed: earlier };
    const admitted = await admit(tx, ctx, input.request);
    const prepared = await prepare(tx, ctx, admitted);
    const planId = ctx.nextId('plan');
    await tx.plans.insert([newPlan(ctx, planId, input.request, admitted, prepared, input.total, 'staged')]);
    return { planId };
  },
);

/** Next steps of a large request: a chunk of its messages, indexes from `from` on. Returns what they cost. */
export const stageMessages: Verb<
  { request: PlanRequest; planId: number; from: number; recipients: readonly number[]; parameters: RequestParameters },
  { credits: number }
> = {
  ...single(async (tx, ctx, input) => {
    const { prepared } = await staged(tx, ctx, input.request, input.planId);
    const priced = price(prepared, input.request, input.recipients, input.parameters);
    await tx.messages.insert([
      { planId: input.planId, from: input.from, recipients: input.recipients, ...priced.rows },
    ]);
    return { credits: priced.credits };
  }),
  priority: 1,
  rows: (input) => input.recipients.length,
};

/** Last step of a large request: counts frequency, reserves the credits and makes the plan visible. */
export const acceptStaged = single(
  async (
    tx,
    ctx,
    input: {
      request: PlanRequest;
      planId: number;
      recipients: readonly number[];
      credits: number;
      idempotency: AcceptPlan['idempotency'];
    },
  ): Promise<AcceptedPlan> => {
    const { request, planId, recipients } = input;
    const earlier = await replayed(tx, request.businessId, input.idempotency);
    if (earlier !== null) {
      await tx.plans.deleteStaged(planId);
      return earlier;
    }
    const { plan } = await staged(tx, ctx, request, planId);
    const business = await tx.businesses.byId(request.businessId);
    must(business !== null, { code: 'businessNotFound' });
    countAndAfford(ctx, business.id, recipients, input.credits, business.available);
    const after = await tx.businesses.moveCredits(business.id, -input.credits, input.credits);
    await tx.ledger.add([reserveEntry(ctx, business.id, planId, input.credits, after)]);
    await tx.plans.setState(planId, 'running', ctx.now());
    const events = new EventBatch();
    events.plan(business.id, planId, 'running');
    await events.write(tx, ctx);
    const accepted = { planId, uuid: plan.uuid, accepted: recipients.length };
    await remember(tx, ctx, request.businessId, input.idempotency, accepted);
    // Its id is older than those of plans accepted while it was written.
    ctx.notify({ kind: 'plansReopened', plans: [{ planId, category: plan.category }] });
    return accepted;
  },
);

/** Removes what large requests left behind: one that was refused, or (null) all whose steps a dead process broke off. */
export const dropStaged = single(
  async (tx, _ctx, input: { planId: number | null }): Promise<{ dropped: number }> => ({
    dropped: await tx.plans.deleteStaged(input.planId),
  }),
);

/** Gathers the rows of a batch, so that each table is written once. */
class AcceptBatch {
  readonly #tx: Tx;
  readonly #ctx: Ctx;
  readonly #plans: Omit<Plan, 'doneAt'>[] = [];
  readonly #messages: NewMessages[] = [];
  readonly #entries: NewLedgerEntry[] = [];
  readonly #events = new EventBatch();
  /** Balances as they will be: requests of one batch share what is left. */
  readonly #balances = new Map<number, { available: number; reserved: number; moved: number }>();

  constructor(tx: Tx, ctx: Ctx) {
    this.#tx = tx;
    this.#ctx = ctx;
  }

  async accept(input: AcceptPlan): Promise<AcceptedPlan> {
    const { request, recipients } = input;
    const earlier = await replayed(this.#tx, request.businessId, input.idempotency);
    if (earlier !== null) return earlier;
    const admitted = await admit(this.#tx, this.#ctx, request);
    const prepared = await prepare(this.#tx, this.#ctx, admitted);
    const priced = price(prepared, request, recipients, input.parameters);
    const balance = await this.#balance(request.businessId);
    countAndAfford(this.#ctx, request.businessId, recipients, priced.credits, balance.available);
    const effect = effectOf('reserve', priced.credits);
    balance.available += effect.available;
    balance.reserved += effect.reserved;
    balance.moved += priced.credits;

    const planId = this.#ctx.nextId('plan');
    const plan = newPlan(this.#ctx, planId, request, admitted, prepared, recipients.length, 'running');
    this.#plans.push(plan);
    this.#messages.push({ planId, from: 0, recipients, ...priced.rows });
    this.#entries.push(reserveEntry(this.#ctx, request.businessId, planId, priced.credits, balance));
    this.#events.plan(request.businessId, planId, 'running');
    const accepted = { planId, uuid: plan.uuid, accepted: recipients.length };
    await remember(this.#tx, this.#ctx, request.businessId, input.idempotency, accepted);
    return accepted;
  }

  async write(): Promise<void> {
    if (this.#plans.length === 0) return;
    await this.#tx.plans.insert(this.#plans);
    await this.#tx.messages.insert(this.#messages);
    await this.#tx.ledger.add(this.#entries);
    // In the order of their ids, so that servers which lock rows never wait for each other in a circle.
    for (const [businessId, { moved }] of [...this.#balances].sort((a, b) => a[0] - b[0])) {
      if (moved > 0) await this.#tx.businesses.moveCredits(businessId, -moved, moved);
    }
    await this.#events.write(this.#tx, this.#ctx);
    const plans = this.#plans.map(({ id, category, total }) => ({ id, category, total }));
    this.#ctx.notify({ kind: 'workWaiting', plans });
  }

  async #balance(businessId: number): Promise<{ available: number; reserved: number; moved: number }> {
    let balance = this.#balances.get(businessId);
    if (balance === undefined) {
      const business = await this.#tx.businesses.byId(businessId);
      must(business !== null, { code: 'businessNotFound' });
      balance = { available: business.available, reserved: business.reserved, moved: 0 };
      this.#balances.set(businessId, balance);
    }
    return balance;
  }
}

/** Checks every recipient's variables and counts segments and credits. */
function price(
  prepared: PreparedContent,
  request: PlanRequest,
  recipients: readonly number[],
  parameters: RequestParameters,
): { credits: number; rows: Pick<NewMessages, 'segments' | 'reserved' | 'parameters'> } {
  const { category } = prepared.content;
  if (prepared.fixedSegments !== null) {
    const segments = prepared.fixedSegments;
    must(segments <= MAX_SEGMENTS, { code: 'textTooLong', segments });
    const reserved = recipients.map((recipient) => priceOf(segments, recipient, category));
    return { credits: sum(reserved), rows: { segments, reserved: uniform(reserved), parameters: null } };
  }
  const segments: number[] = [];
  const reserved: number[] = [];
  const json: (string | null)[] = [];
  let shared: { segments: number; json: string | null } | null = null;
  for (let i = 0; i < recipients.length; i++) {
    let values: { segments: number; json: string | null } | null = shared;
    if (values === null) {
      const own = 'shared' in parameters ? parameters.shared : (parameters.each[i] ?? null);
      values = { segments: segmentsWith(prepared, request, own), json: kept(prepared, own) };
      if ('shared' in parameters) shared = values;
    }
    segments.push(values.segments);
    reserved.push(priceOf(values.segments, recipients[i]!, category));
    json.push(values.json);
  }
  return { credits: sum(reserved), rows: { segments, reserved, parameters: json } };
}

/** What is stored of a set of values: only those the text has a variable for, however many the request carries. */
function kept(prepared: PreparedContent, parameters: Parameters | null): string | null {
  return parameters === null ? null : JSON.stringify(namedValues(prepared.template, parameters));
}

function segmentsWith(prepared: PreparedContent, request: PlanRequest, parameters: Parameters | null): number {
  if (request.unsetVariables === 'refuse') {
    const name = missingVariable(prepared.template, parameters);
    must(name === null, { code: 'variableMissing', name: name ?? '' });
  }
  const segments = segmentsOf(prepared, parameters);
  must(segments <= MAX_SEGMENTS, { code: 'textTooLong', segments });
  return segments;
}

/** Counts a message to every recipient and checks that all are paid for; a request that is refused counts nothing. */
function countAndAfford(
  ctx: Ctx,
  businessId: number,
  recipients: readonly number[],
  credits: number,
  available: number,
): void {
  const at = ctx.now();
  const giveBack = () => ctx.limits.giveBack(businessId, recipients, at);
  must(ctx.limits.take(businessId, recipients, at), { code: 'frequencyExceeded' });
  if (available < credits) {
    giveBack();
    throw new Refused({ code: 'balanceTooLow', needed: credits, available });
  }
  ctx.onRollback(giveBack);
}

function newPlan(
  ctx: Ctx,
  id: number,
  request: PlanRequest,
  { template, signature }: Admitted,
  { content }: PreparedContent,
  total: number,
  state: 'staged' | 'running',
): Omit<Plan, 'doneAt'> {
  return {
    id,
    uuid: request.dialect === 'tsms' ? uuidForId(id) : null,
    businessId: request.businessId,
    dialect: request.dialect,
    name: request.name,
    category: content.category,
    templateId: template.id,
    signatureId: signature?.id ?? null,
    contentId: content.id,
    state,
    total,
    accepted: total,
    left: total,
    createdAt: ctx.now(),
  };
}

function reserveEntry(
  ctx: Ctx,
  businessId: number,
  planId: number,
  credits: number,
  after: { available: number; reserved: number },
): NewLedgerEntry {
  return {
    id: ctx.nextId('ledger'),
    businessId,
    planId,
    kind: 'reserve',
    credits,
    availableAfter: after.available,
    reservedAfter: after.reserved,
    reason: '',
    at: ctx.now(),
  };
}

async function replayed(
  tx: Tx,
  businessId: number,
  idempotency: AcceptPlan['idempotency'],
): Promise<AcceptedPlan | null> {
  if (idempotency === null) return null;
  const row = await tx.idempotency.find(businessId, idempotency.route, idempotency.key);
  if (row === null) return null;
  must(row.bodyHash === idempotency.bodyHash, { code: 'idempotencyMismatch' });
  return JSON.parse(row.answer) as AcceptedPlan;
}

async function remember(
  tx: Tx,
  ctx: Ctx,
  businessId: number,
  idempotency: AcceptPlan['idempotency'],
  answer: AcceptedPlan,
): Promise<void> {
  if (idempotency === null) return;
  await tx.idempotency.add({ businessId, ...idempotency, answer: JSON.stringify(answer), at: ctx.now() });
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** One number when all are the same, which is cheaper to store a list of. */
function uniform(values: readonly number[]): number | readonly number[] {
  const first = values[0]!;
  return values.every((value) => value === first) ? first : values;
}
