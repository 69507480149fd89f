import Table from 'cli-table3';
import type { CommandFailed } from './failure.ts';
import type { World } from './world.ts';

/**
 * Standard output carries the result and nothing else: with --json one JSON value, otherwise text for people. Whatever
 * is said on the way goes to standard error.
 */
export class Output {
  readonly json: boolean;
  readonly #world: Pick<World, 'stdout' | 'stderr'>;

  constructor(world: Pick<World, 'stdout' | 'stderr'>, json: boolean) {
    this.#world = world;
    this.json = json;
  }

  /** The command's result; called once. */
  result(value: unknown, human: () => string): void {
    this.#world.stdout.write(`${this.json ? JSON.stringify(value) : human()}\n`);
  }

  /** One of the results of a command that goes on until it is stopped: one a line. */
  line(value: unknown, human: () => string): void {
    this.result(value, human);
  }

  /** A remark for whoever watches. */
  note(text: string): void {
    this.#world.stderr.write(`${text}\n`);
  }

  /** Why the command failed. */
  failure(failed: CommandFailed): void {
    const { message, advice, facts } = failed;
    if (this.json) {
      const error = { message, ...(advice === '' ? {} : { advice }), ...facts };
      this.#world.stdout.write(`${JSON.stringify({ error })}\n`);
    } else {
      this.#world.stderr.write(`signet: ${message}\n${advice === '' ? '' : `${advice}\n`}`);
    }
  }
}

export type Cell = string | number | boolean | null | undefined;

/** A table for people; numbers are set to the right. */
export function table(head: string[], rows: Cell[][]): string {
  const numeric = head.map((_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === 'number'));
  const drawn = new Table({
    head,
    style: { head: [], border: [] },
    colAligns: numeric.map((isNumeric) => (isNumeric ? 'right' : 'left')),
  });
  for (const row of rows) drawn.push(row.map((cell) => (typeof cell === 'number' ? grouped(cell) : (cell ?? ''))));
  return drawn.toString();
}

/** Names and values, one a line, for what is to be copied from the screen. */
export function facts(values: Record<string, Cell>): string {
  const width = Math.max(...Object.keys(values).map((name) => name.length));
  return Object.entries(values)
    .map(([name, value]) => `${name.padEnd(width)}  ${value ?? ''}`)
    .join('\n');
}

/** 1234567 → 1,234,567. */
export function grouped(value: number): string {
  return value.toLocaleString('en-US');
}

/** One noun with its number: 1 message, 2 messages. */
export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;
}
