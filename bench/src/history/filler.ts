/** A store of a server that has stopped, as somebody who fills it in bulk sees it. The SQL both stores share is the rule. */
export interface Filler {
  /** Runs statements. */
  run(sql: string): Promise<void>;
  /** The first column of the first row; null where there is none. */
  ask(sql: string): Promise<number | null>;
  /** All rows, as their columns in order. */
  rows(sql: string): Promise<unknown[][]>;
  /** Whole numbers divided. */
  div(a: string, b: string | number): string;
  /** In an INSERT: rows that are there already are left out. */
  readonly ignore: string;
  /** What the column of a plan is called that says how many messages wait for an answer. */
  readonly planLeft: string;
  /** Makes the table `n` with the column `i`: 0 and on, `count` rows. */
  series(count: number): Promise<void>;
  begin(): Promise<void>;
  commit(): Promise<void>;
  /** Makes it what the store would be that had written all of this itself. */
  finish(): Promise<void>;
  /** Octets on disk. */
  size(): Promise<number>;
  close(): Promise<void>;
}
