import { counted, grouped, table } from '../output.ts';

/** A draft as the native API answers it, as far as it is looked at. */
export interface Draft {
  plan_id: number;
  state: string;
  total: number;
  accepted: number;
  rejected: number;
  rejected_by_reason: Record<string, number>;
  segments: number;
  credits: number;
  available: number;
  available_after: number;
  file: { number_column: string; map: { variable: string; column: string | null; value: string | null }[] };
  preview: { line: number; to: string; text: string; segments: number }[];
}

/** Why rows are not sent, in words. */
const REASONS: Record<string, string> = {
  no_number: 'no number',
  invalid_number: 'not a mobile number',
  rounded_number: 'rounded by a spreadsheet',
  duplicate: 'number given before',
  missing_value: 'a variable without a value',
  bad_value: 'a value that cannot be sent',
  text_too_long: 'text too long',
};

/** How many rows there are, and what becomes of them. */
export function rowsTable({ total, accepted, rejected_by_reason }: Draft): string {
  const rejected = Object.entries(rejected_by_reason).map(([code, count]) => [
    `rejected: ${REASONS[code] ?? code}`,
    count,
  ]);
  return table(['rows', 'count'], [['in the file', total], ['accepted', accepted], ...rejected]);
}

/** What is about to be sent, for whoever decides. */
export function preview(draft: Draft): string {
  const { file, segments, credits, available, available_after } = draft;
  const from = file.map.map(({ variable, column, value }) =>
    column === null ? `{${variable}} is ${JSON.stringify(value)}` : `{${variable}} from column ${column}`,
  );
  return [
    rowsTable(draft),
    table(
      ['line', 'to', 'text', 'segments'],
      draft.preview.map((message) => [message.line, message.to, message.text, message.segments]),
    ),
    [`numbers from column ${file.number_column}`, ...from].join(', '),
    `${counted(segments, 'segment')}, ${counted(credits, 'credit')}; ${grouped(available)} are available, ${grouped(available_after)} are left afterwards`,
  ].join('\n');
}
