import type { Dialect } from '../domain/plan.ts';
import type { Parameters } from '../domain/template.ts';
import type { Idempotency } from './idempotency.ts';

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
  /** When to start, milliseconds since 1970; null: now. */
  startAt: number | null;
  /** JSON text of an object, at most 1 KB. */
  customArgs: string | null;
}

/** Values for the variables: the same for all, or one set a recipient. */
export type RequestParameters = { shared: Parameters | null } | { each: readonly (Parameters | null)[] };

/** A request small enough to be accepted in one step. */
export interface AcceptPlan {
  request: PlanRequest;
  /** Recipients asked for, invalid and repeated ones included. */
  total: number;
  /** E.164 numbers, none twice. */
  recipients: readonly number[];
  /** Recipients that cannot be mobile numbers, as written. */
  invalid: readonly string[];
  parameters: RequestParameters;
  /** Makes a repeated request answer what the first one was answered. */
  idempotency: Idempotency | null;
}

/** What the sender is told. */
export interface AcceptedPlan {
  planId: number;
  /** Only for tsms plans. */
  uuid: string | null;
  /** Recipients asked for. */
  total: number;
  /** Those that are valid, each once. */
  accepted: number;
}
