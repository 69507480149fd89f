import { FORMS, formFor, MAX_SEGMENTS, type PreparedContent, segmentsOf } from '../domain/content.ts';
import { type PriceList, priceOf } from '../domain/price.ts';
import { must } from '../domain/refusals.ts';
import { missingVariable, namedValues, type Parameters } from '../domain/template.ts';
import type { NewMessages } from '../store/store.ts';
import type { PlanRequest, RequestParameters } from './plan-request.ts';

/** Checks every recipient's variables and counts segments and credits. `prices` null: no table says anything. */
export function price(
  prepared: PreparedContent,
  request: PlanRequest,
  recipients: readonly number[],
  parameters: RequestParameters,
  prices: PriceList | null,
): { credits: number; rows: Pick<NewMessages, 'segments' | 'reserved' | 'parameters'> } {
  const { category } = prepared.content;
  if (prepared.fixedSegments !== null) {
    const segments = prepared.fixedSegments;
    must(segments <= MAX_SEGMENTS, { code: 'textTooLong', segments });
    if (prices === null) {
      const reserved = priceOf(segments, 0, category, null);
      return { credits: reserved * recipients.length, rows: { segments, reserved, parameters: null } };
    }
    const reserved = recipients.map((recipient) => priceOf(segments, recipient, category, prices));
    return { credits: sum(reserved), rows: { segments, reserved: uniform(reserved), parameters: null } };
  }
  const segments: number[] = [];
  const reserved: number[] = [];
  const json: (string | null)[] = [];
  // With values for all, a text is only counted once for each of its forms.
  const shared = new Array<{ segments: number; json: string | null } | undefined>(FORMS);
  for (let i = 0; i < recipients.length; i++) {
    const recipient = recipients[i]!;
    const form = formFor(prepared, recipient);
    let values = shared[form];
    if (values === undefined) {
      const own = 'shared' in parameters ? parameters.shared : (parameters.each[i] ?? null);
      values = { segments: segmentsWith(prepared, request, own, recipient), json: kept(prepared, own) };
      if ('shared' in parameters) shared[form] = values;
    }
    segments.push(values.segments);
    reserved.push(priceOf(values.segments, recipient, category, prices));
    json.push(values.json);
  }
  return { credits: sum(reserved), rows: { segments: uniform(segments), reserved, parameters: json } };
}

/** What is stored of a set of values: only those the text has a variable for, however many the request carries. */
function kept(prepared: PreparedContent, parameters: Parameters | null): string | null {
  if (parameters === null || prepared.template.names.length === 0) return null;
  return JSON.stringify(namedValues(prepared.template, parameters));
}

function segmentsWith(
  prepared: PreparedContent,
  request: PlanRequest,
  parameters: Parameters | null,
  recipient: number,
): number {
  if (request.unsetVariables === 'refuse') {
    const name = missingVariable(prepared.template, parameters);
    must(name === null, { code: 'variableMissing', name: name ?? '' });
  }
  const segments = segmentsOf(prepared, parameters, recipient);
  must(segments <= MAX_SEGMENTS, { code: 'textTooLong', segments });
  return segments;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** One number when all are the same, which is cheaper to store a list of. */
function uniform(values: readonly number[]): number | readonly number[] {
  const first = values[0]!;
  return values.every((value) => value === first) ? first : values;
}
