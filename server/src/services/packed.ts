import { type Category, categoryCode, categoryOfCode } from '../domain/category.ts';
import type { OpenPlan, Range } from '../store/store.ts';

// Lists that cross between threads for every message travel as typed arrays: copying objects one by one costs more
// than what is done with them.

/** Ranges as plan, first and last index in turn. */
export type PackedRanges = Float64Array;

export function packRanges(ranges: readonly Range[]): PackedRanges {
  const packed = new Float64Array(ranges.length * 3);
  for (let i = 0; i < ranges.length; i++) {
    const { planId, from, to } = ranges[i]!;
    packed[i * 3] = planId;
    packed[i * 3 + 1] = from;
    packed[i * 3 + 2] = to;
  }
  return packed;
}

export function unpackRanges(packed: PackedRanges): Range[] {
  const ranges: Range[] = [];
  for (let i = 0; i < packed.length; i += 3) {
    ranges.push({ planId: packed[i]!, from: packed[i + 1]!, to: packed[i + 2]! });
  }
  return ranges;
}

/** An open plan with its lane. `line`: the key of the line by which all its messages go, where that is known. */
export type LanePlan = OpenPlan & { category: Category; line?: string };

/** Plans, `PLAN_COLUMNS` numbers each. */
export type PackedPlans = Float64Array;
const PLAN_COLUMNS = 7;
/** Stands for segments that differ. */
const DIFFER = 0;

export function packPlans(plans: readonly LanePlan[]): PackedPlans {
  const packed = new Float64Array(plans.length * PLAN_COLUMNS);
  for (let i = 0, at = 0; i < plans.length; i++, at += PLAN_COLUMNS) {
    const { id, businessId, category, sendable, accepted, segments, expiresAt } = plans[i]!;
    packed[at] = id;
    packed[at + 1] = businessId;
    packed[at + 2] = categoryCode(category);
    packed[at + 3] = sendable;
    packed[at + 4] = accepted;
    packed[at + 5] = segments ?? DIFFER;
    packed[at + 6] = expiresAt;
  }
  return packed;
}

export function unpackPlans(packed: PackedPlans): LanePlan[] {
  const plans: LanePlan[] = [];
  for (let at = 0; at < packed.length; at += PLAN_COLUMNS) {
    plans.push({
      id: packed[at]!,
      businessId: packed[at + 1]!,
      category: categoryOfCode(packed[at + 2]!),
      sendable: packed[at + 3]!,
      accepted: packed[at + 4]!,
      segments: packed[at + 5] === DIFFER ? null : packed[at + 5]!,
      expiresAt: packed[at + 6]!,
    });
  }
  return plans;
}

/** Messages a carrier accepted, sorted by plan and index; the columns run in step. */
export interface AcceptedMessages {
  planIds: Float64Array;
  indexes: Uint32Array;
  recipients: Float64Array;
  /** Parts of each. */
  parts: Uint8Array;
  /** The ids of all parts, in order. */
  carrierIds: string[];
}

/** One accepted message. */
export interface AcceptedMessage {
  planId: number;
  index: number;
  recipient: number;
  carrierIds: readonly string[];
}

export function packAccepted(messages: readonly AcceptedMessage[]): AcceptedMessages {
  const sorted = [...messages].sort((a, b) => a.planId - b.planId || a.index - b.index);
  const packed: AcceptedMessages = {
    planIds: new Float64Array(sorted.length),
    indexes: new Uint32Array(sorted.length),
    recipients: new Float64Array(sorted.length),
    parts: new Uint8Array(sorted.length),
    carrierIds: [],
  };
  for (let i = 0; i < sorted.length; i++) {
    const { planId, index, recipient, carrierIds } = sorted[i]!;
    packed.planIds[i] = planId;
    packed.indexes[i] = index;
    packed.recipients[i] = recipient;
    packed.parts[i] = carrierIds.length;
    for (const id of carrierIds) packed.carrierIds.push(id);
  }
  return packed;
}

/** Messages of one plan with neighbouring indexes and as many parts each. */
export interface AcceptedRun extends Range {
  parts: number;
  /** `parts` ids a message, in order. */
  carrierIds: string[];
  /** In order. */
  recipients: number[];
}

export function acceptedRuns(packed: AcceptedMessages): AcceptedRun[] {
  const runs: AcceptedRun[] = [];
  let last: AcceptedRun | null = null;
  let id = 0;
  for (let i = 0; i < packed.planIds.length; i++) {
    const planId = packed.planIds[i]!;
    const index = packed.indexes[i]!;
    const parts = packed.parts[i]!;
    if (last === null || last.planId !== planId || last.to !== index - 1 || last.parts !== parts) {
      last = { planId, from: index, to: index, parts, carrierIds: [], recipients: [] };
      runs.push(last);
    }
    last.to = index;
    last.recipients.push(packed.recipients[i]!);
    for (let part = 0; part < parts; part++) last.carrierIds.push(packed.carrierIds[id++]!);
  }
  return runs;
}
