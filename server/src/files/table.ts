import { must } from '../domain/refusals.ts';
import { columnNamed } from './layout.ts';
import { type FileWishes, openFileOfRows } from './open.ts';
import { type FileRow, unreadable } from './rows.ts';

/** A file whose first row names its columns. */
export interface Table<C extends string> {
  /** Where each column stands, from 0; null: it has none of that name. */
  columns: Record<C, number | null>;
  /** The rows below the header, some at a time; can be called once. @throws Refused (fileRefused) */
  rows(): AsyncGenerator<FileRow[]>;
}

/**
 * Opens a CSV or XLSX file with a header.
 * @param mapping columns that are not named as is expected: their name, or their position from 1
 * @param strict whether a column nobody asks for is refused
 * @throws Refused (fileRefused)
 */
export async function openTable<C extends string>(
  path: string,
  wishes: FileWishes,
  expected: { needed: readonly C[]; optional: readonly C[]; mapping?: Partial<Record<C, string>>; strict: boolean },
): Promise<Table<C>> {
  const { rows } = await openFileOfRows(path, wishes);
  const pieces = rows();
  let first: FileRow[] = [];
  while (first.length === 0) {
    const next = await pieces.next();
    if (next.done) throw unreadable('it holds no rows');
    first = next.value;
  }
  const [header, ...rest] = first as [FileRow, ...FileRow[]];
  const names = header.cells.map((name, i) => name || String(i + 1));
  const known: readonly C[] = [...expected.needed, ...expected.optional];
  const columns = Object.fromEntries(known.map((name) => [name, null])) as Record<C, number | null>;
  for (const name of known) {
    const mapped = expected.mapping?.[name];
    const isThere = names.some((each) => each.toLowerCase().trim() === name);
    if (mapped !== undefined || isThere) columns[name] = columnNamed(names, mapped ?? name);
    must(columns[name] !== null || !expected.needed.includes(name), {
      code: 'fileRefused',
      why: `its first row names no column ${name}; it names ${names.join(', ')}`,
    });
  }
  const used = new Set<number | null>(Object.values<number | null>(columns));
  const strange = expected.strict ? names.find((_, i) => !used.has(i)) : undefined;
  must(strange === undefined, {
    code: 'fileRefused',
    why: `the column ${strange} is not known; known are ${known.join(', ')}`,
  });
  return {
    columns,
    async *rows() {
      if (rest.length > 0) yield rest;
      yield* pieces;
    },
  };
}
