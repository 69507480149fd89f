import { type FileRow, MAX_CELL_LENGTH, MAX_COLUMNS, unreadable } from './rows.ts';

const QUOTE = 0x22;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;

export const SEPARATORS = [',', ';', '\t', '|'] as const;
export type Separator = (typeof SEPARATORS)[number];

/** The separator of a text's first line: the candidate it holds most of, outside quotation marks. */
export function detectSeparator(text: string): Separator {
  const line = (/^[^\r\n]*/.exec(text)?.[0] ?? '').replace(/"[^"]*"/g, '');
  const count = (separator: string) => line.split(separator).length - 1;
  return SEPARATORS.reduce((best, candidate) => (count(candidate) > count(best) ? candidate : best));
}

/**
 * Reads CSV (RFC 4180) as it is found in the world, piece by piece: any line end, spaces around cells dropped, a
 * quotation mark inside a cell that does not begin with one taken as it is. Rows without any content are passed over.
 */
export class CsvParser {
  readonly #separator: number;
  #rows: FileRow[] = [];
  #cells: string[] = [];
  #cell = '';
  /** So many characters of the cell stood between quotation marks. */
  #kept = 0;
  /** Where in a cell the next character stands. */
  #place: 'start' | 'plain' | 'quoted' | 'quoteInQuoted' = 'start';
  #line = 1;
  #beganOn = 1;
  #afterCr = false;

  constructor(separator: Separator) {
    this.#separator = separator.charCodeAt(0);
  }

  /** Takes the next piece of the text; returns the rows it completes. @throws Refused (fileRefused) */
  push(text: string): FileRow[] {
    // What is before `from` has been dealt with.
    let from = 0;
    for (let i = 0; i < text.length; i++) {
      const char = text.charCodeAt(i);
      const secondOfLineEnd = this.#afterCr && char === LF;
      this.#afterCr = char === CR;
      if ((char === LF || char === CR) && !secondOfLineEnd) this.#line++;
      if (this.#place === 'quoted') {
        if (char !== QUOTE) continue;
        this.#cell += text.slice(from, i);
        this.#place = 'quoteInQuoted';
        from = i + 1;
        continue;
      }
      if (this.#place === 'quoteInQuoted') {
        from = i;
        if (char === QUOTE) {
          // Two marks stand for one: the second is kept.
          this.#place = 'quoted';
          continue;
        }
        this.#place = 'plain';
        this.#kept = this.#cell.length;
      }
      if (char === this.#separator || char === LF || char === CR) {
        if (!secondOfLineEnd) this.#endCell(text.slice(from, i));
        from = i + 1;
        if (char !== this.#separator) this.#endRow();
      } else if (this.#place === 'start') {
        if (char === QUOTE) this.#place = 'quoted';
        else if (char !== SPACE && char !== TAB) this.#place = 'plain';
        from = this.#place === 'plain' ? i : i + 1;
      }
    }
    this.#cell += text.slice(from);
    this.#mustFit();
    return this.#taken();
  }

  /** Ends the text; returns the last row. @throws Refused (fileRefused) */
  end(): FileRow[] {
    if (this.#place === 'quoted') {
      throw unreadable(`line ${this.#beganOn}: a quotation mark is opened and never closed`);
    }
    if (this.#place === 'quoteInQuoted') this.#kept = this.#cell.length;
    this.#endCell('');
    this.#endRow();
    return this.#taken();
  }

  /** Spaces around a cell are dropped, those between its quotation marks are kept. */
  #endCell(rest: string): void {
    this.#cell += rest;
    this.#mustFit();
    const kept = this.#cell.slice(0, this.#kept);
    this.#cells.push(kept === '' ? this.#cell.trim() : kept + this.#cell.slice(this.#kept).trimEnd());
    this.#cell = '';
    this.#kept = 0;
    this.#place = 'start';
    if (this.#cells.length > MAX_COLUMNS) {
      throw unreadable(`line ${this.#beganOn} has more than ${MAX_COLUMNS} columns`);
    }
  }

  #endRow(): void {
    if (this.#cells.some((cell) => cell !== '')) this.#rows.push({ cells: this.#cells, line: this.#beganOn });
    this.#cells = [];
    this.#beganOn = this.#line;
  }

  #mustFit(): void {
    if (this.#cell.length <= MAX_CELL_LENGTH) return;
    const open = this.#place === 'quoted' ? ', or a quotation mark is opened and never closed' : '';
    throw unreadable(`line ${this.#beganOn}: a cell is longer than ${MAX_CELL_LENGTH} characters${open}`);
  }

  #taken(): FileRow[] {
    const rows = this.#rows;
    this.#rows = [];
    return rows;
  }
}
