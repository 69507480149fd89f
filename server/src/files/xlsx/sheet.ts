import { type FileRow, MAX_CELL_LENGTH, MAX_COLUMNS, unreadable } from '../rows.ts';
import { type Moment, momentText } from './dates.ts';
import type { SharedStrings } from './strings.ts';
import type { XmlListener } from './xml.ts';

/** What cells mean beside their own content. */
export interface SheetContext {
  strings: SharedStrings;
  /** By the number of a cell's style: what its number shows of a moment, when it is one. */
  moments: readonly (Moment | null)[];
  since1904: boolean;
}

/**
 * Hears a sheet (ECMA-376 Part 1 §18.3.1) and makes rows of it. Of a formula its last result counts; an error value is
 * an empty cell.
 */
export class SheetReader {
  readonly #context: SheetContext;
  #rows: FileRow[] = [];
  #cells: string[] = [];
  #line = 0;
  #column = -1;
  #type = '';
  #style = 0;
  /** Whether what is heard is the content of the cell: its value, or its own text. */
  #inValue = false;
  #inPhonetic = false;
  #value = '';

  constructor(context: SheetContext) {
    this.#context = context;
  }

  /** The rows heard since the last call that hold anything. */
  taken(): FileRow[] {
    const rows = this.#rows;
    this.#rows = [];
    return rows;
  }

  listener(): XmlListener {
    return {
      open: (name, attributes) => this.#open(name, attributes),
      text: (text) => {
        if (!this.#inValue) return;
        this.#value += text;
        if (this.#value.length > MAX_CELL_LENGTH) {
          throw unreadable(`row ${this.#line}: a cell is longer than ${MAX_CELL_LENGTH} characters`);
        }
      },
      close: (name) => this.#close(name),
    };
  }

  #open(name: string, attributes: Readonly<Record<string, string>>): void {
    if (name === 'c') {
      this.#column = attributes.r === undefined ? this.#column + 1 : columnOf(attributes.r);
      if (!(this.#column >= 0 && this.#column < MAX_COLUMNS)) {
        throw unreadable(`row ${this.#line} has more than ${MAX_COLUMNS} columns`);
      }
      this.#type = attributes.t ?? 'n';
      this.#style = Number(attributes.s ?? 0);
      this.#value = '';
    } else if (name === 'v') this.#inValue = this.#type !== 'inlineStr';
    else if (name === 't') this.#inValue = this.#type === 'inlineStr' && !this.#inPhonetic;
    else if (name === 'rPh') this.#inPhonetic = true;
    else if (name === 'row') {
      // Where rows and cells do not say their place they follow one another.
      this.#line = attributes.r === undefined ? this.#line + 1 : Number(attributes.r);
      this.#column = -1;
      this.#cells = [];
    }
  }

  #close(name: string): void {
    if (name === 'v' || name === 't') this.#inValue = false;
    else if (name === 'rPh') this.#inPhonetic = false;
    else if (name === 'c') {
      while (this.#cells.length < this.#column) this.#cells.push('');
      this.#cells[this.#column] = this.#text().trim();
    } else if (name === 'row' && this.#cells.some((cell) => cell !== '')) {
      this.#rows.push({ cells: this.#cells, line: this.#line });
    }
  }

  #text(): string {
    const value = this.#value;
    if (value === '' || this.#type === 'e') return '';
    if (this.#type === 's') return this.#context.strings.at(Number(value)) ?? '';
    if (this.#type === 'b') return value === '1' ? 'TRUE' : 'FALSE';
    if (this.#type === 'd') return value.replace('T', ' ');
    if (this.#type !== 'n') return value;
    const moment = this.#context.moments[this.#style] ?? null;
    if (moment === null) return numberText(value);
    return momentText(Number(value), moment, this.#context.since1904);
  }
}

/**
 * A stored number as a person would write it: 8.6138001380E12 is 8613800138000. Spreadsheets reckon with 15 digits;
 * what stands behind them is the rest of a binary fraction.
 */
export function numberText(value: string): string {
  const number = Number(value);
  if (!Number.isFinite(number)) return value;
  return String(Number.isSafeInteger(number) ? number : Number(number.toPrecision(15)));
}

/** The column a reference such as AB12 names, from 0; -1 when it names none. */
function columnOf(reference: string): number {
  let column = 0;
  for (let i = 0; i < reference.length; i++) {
    const letter = reference.charCodeAt(i) - 64;
    if (letter < 1 || letter > 26) break;
    column = column * 26 + letter;
  }
  return column - 1;
}
