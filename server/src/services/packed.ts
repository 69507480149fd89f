import type { Range } from '../store/store.ts';

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
