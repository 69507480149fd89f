import type { Turn } from './turn.ts';

/**
 * Tables whose rows processes keep in memory: notes with the turn which changes others have to hear of.
 * @param changes whether a method changes what is kept; one that only adds rows changes nothing that anybody has
 */
export function telling<Writer extends object>(
  turn: Pick<Turn, 'changeRules'>,
  changes: Readonly<Record<keyof Writer, boolean>>,
): <Table extends Writer>(table: Table) => Table {
  return (table) => {
    const told = { ...table };
    for (const name of Object.keys(changes) as (keyof Writer)[]) {
      if (!changes[name]) continue;
      const change = table[name] as (...values: unknown[]) => unknown;
      const telling = (...values: unknown[]) => {
        turn.changeRules();
        return change(...values);
      };
      Object.assign(told, { [name]: telling });
    }
    return told;
  };
}
