/** A field that is not what it was. */
export interface Changed {
  field: string;
  /** As text; empty: it was not there, or is not any more. */
  before: string;
  after: string;
}

type Fields = Record<string, unknown> | null;

/** What differs between how something stood before and after, in the order of its fields. */
export function changesOf(before: Fields, after: Fields): Changed[] {
  const fields = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  return [...fields]
    .map((field) => ({ field, before: textOf(before?.[field]), after: textOf(after?.[field]) }))
    .filter((changed) => changed.before !== changed.after);
}

const textOf = (value: unknown): string =>
  value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
