import { Refused } from '../domain/refusals.ts';

/** One row of a file of numbers as it stands there. */
export interface FileRow {
  cells: string[];
  /** The line it begins on, or in a spreadsheet its row; from 1. */
  line: number;
}

/** A file of numbers that has been opened: what it is, and its rows in their order. */
export interface FileOfRows {
  format: 'csv' | 'xlsx';
  /** How its text is encoded, by the names of the Encoding Standard; null for a spreadsheet. */
  encoding: string | null;
  /**
   * The rows that hold anything, some at a time; can be called once.
   * @throws Refused (fileRefused) when the file cannot be read to its end
   */
  rows(): AsyncGenerator<FileRow[]>;
}

/** More columns than this are no list of numbers. */
export const MAX_COLUMNS = 256;
/** Characters in one cell: what a spreadsheet allows. */
export const MAX_CELL_LENGTH = 32_767;

/** A file that cannot be read as rows; `why` is a sentence for whoever made it. */
export const unreadable = (why: string): Refused => new Refused({ code: 'fileRefused', why });
