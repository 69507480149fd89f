import { MAX_CELL_LENGTH, unreadable } from '../rows.ts';
import type { XmlListener } from './xml.ts';

const MAX_BYTES = 128 * 1024 * 1024;
const FIRST_BYTES = 64 * 1024;
const FIRST_COUNT = 4_096;

/**
 * The texts that cells of a workbook share (ECMA-376 Part 1 §18.4), as octets one after the other: a million names take
 * a few megabytes, where as many JavaScript strings would take ten times as much.
 */
export class SharedStrings {
  #octets = Buffer.allocUnsafe(FIRST_BYTES);
  #used = 0;
  /** Where each text ends. */
  #ends = new Uint32Array(FIRST_COUNT);
  #count = 0;

  /** Hears the part that holds them. @throws Refused (fileRefused) when they are too many */
  listener(): XmlListener {
    let text = '';
    // Rich text comes in runs, each with a `t`; how it is to be pronounced (`rPh`) is not part of it.
    let inText = false;
    let inPhonetic = false;
    return {
      open(name) {
        if (name === 'si') text = '';
        else if (name === 't') inText = !inPhonetic;
        else if (name === 'rPh') inPhonetic = true;
      },
      text(piece) {
        if (inText && text.length <= MAX_CELL_LENGTH) text += piece;
      },
      close: (name) => {
        if (name === 't') inText = false;
        else if (name === 'rPh') inPhonetic = false;
        else if (name === 'si') this.#add(text);
      },
    };
  }

  /** The text of that number, from 0; undefined when there is none. */
  at(index: number): string | undefined {
    if (!(index >= 0 && index < this.#count)) return undefined;
    return this.#octets.toString('utf8', index === 0 ? 0 : this.#ends[index - 1]!, this.#ends[index]!);
  }

  #add(text: string): void {
    const needed = this.#used + Buffer.byteLength(text);
    if (needed > MAX_BYTES) throw unreadable('the workbook holds more text than a list of numbers: save it as CSV');
    if (needed > this.#octets.length) {
      const larger = Buffer.allocUnsafe(Math.min(MAX_BYTES, Math.max(needed, this.#octets.length * 2)));
      this.#octets.copy(larger, 0, 0, this.#used);
      this.#octets = larger;
    }
    if (this.#count === this.#ends.length) {
      const larger = new Uint32Array(this.#count * 2);
      larger.set(this.#ends);
      this.#ends = larger;
    }
    this.#used += this.#octets.write(text, this.#used);
    this.#ends[this.#count++] = this.#used;
  }
}
