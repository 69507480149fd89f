/** What spreadsheets take for the beginning of a formula; a file of numbers may come from anybody. */
const FORMULA = /^[=+\-@\t\r]/;

/**
 * One line of CSV (RFC 4180 §2). A text that a spreadsheet would take for a formula is protected by an apostrophe before
 * it, which {@link unprotected} takes off again; numbers are written as they are, null as an empty cell.
 */
export function csvLine(cells: readonly (string | number | null)[]): string {
  return `${cells.map(written).join(',')}\r\n`;
}

function written(cell: string | number | null): string {
  if (typeof cell !== 'string') return cell === null ? '' : String(cell);
  const safe = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",;|\t\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A cell without the apostrophe that protects it. */
export const unprotected = (cell: string): string =>
  cell.charCodeAt(0) === 0x27 && FORMULA.test(cell.slice(1)) ? cell.slice(1) : cell;
