import type { Tx } from '../store.ts';

/** Tables that grow with traffic, or with what is kept of it. */
const ROOMS = [
  ...['messages', 'plans', 'drafts', 'sweeps', 'tasks', 'ledger', 'events', 'figures', 'numberRuns', 'audit'],
  ...['awaiting', 'parked', 'orphans', 'reportLog', 'retries', 'uncertain', 'inParts', 'inbound', 'webhooks'],
] as const satisfies (keyof Tx)[];

/** Only insert rows, or change one by its key that others read as well; `faults` reads all there is, in steps of its own. */
const NOT_ASKED: readonly string[] = [
  ...['messages.insert', 'messages.insertInvalid', 'messages.insertStopped', 'messages.endInParts'],
  ...['plans.insert', 'plans.accept', 'drafts.insert', 'drafts.addRejected', 'inParts.put', 'numberRuns.sort'],
  ...[
    'numberRuns.add',
    'numberRuns.seal',
    'ledger.add',
    'ledger.addOpening',
    'ledger.faults',
    'events.add',
    'audit.add',
  ],
  ...[
    'awaiting.committed',
    'awaiting.rolledBack',
    'awaiting.savepoint',
    'awaiting.add',
    'parked.add',
    'orphans.add',
    'reportLog.add',
    'inbound.insert',
    'inbound.assign',
  ],
  ...['inbound.noteSeen', 'inbound.addPart', 'inbound.partsOf', 'inbound.removeParts', 'inbound.noteReply'],
  ...['webhooks.byId', 'webhooks.secrets', 'webhooks.insert', 'webhooks.update', 'webhooks.delete'],
  ...['webhooks.moveCursor', 'webhooks.setFailures', 'webhooks.addDeliveries', 'webhooks.updateDelivery'],
  ...['tasks.putRun', 'tasks.pause', 'tasks.resume', 'tasks.addFigures'],
];

/** The same transaction, and what of its growing tables has not been asked for through it. */
export function watched(tx: Tx): { tx: Tx; left: () => string[] } {
  const left = new Set<string>();
  const rooms = Object.fromEntries(
    ROOMS.map((name) => {
      const room = tx[name] as unknown as Record<string, unknown>;
      for (const method of methodsOf(room)) left.add(`${name}.${method}`);
      const seen = new Proxy(room, {
        get(target, method) {
          left.delete(`${name}.${String(method)}`);
          const value = target[method as string];
          return typeof value === 'function' ? value.bind(target) : value;
        },
      });
      return [name, seen];
    }),
  );
  return {
    tx: Object.assign(Object.create(tx) as Tx, rooms),
    left: () => [...left].filter((name) => !NOT_ASKED.includes(name)).sort(),
  };
}

/** Of objects and of classes. */
function methodsOf(room: object): string[] {
  const own = Object.getOwnPropertyNames(room);
  const inherited = Object.getOwnPropertyNames(Object.getPrototypeOf(room));
  return [...own, ...(Object.getPrototypeOf(room) === Object.prototype ? [] : inherited)].filter(
    (name) => name !== 'constructor' && typeof (room as Record<string, unknown>)[name] === 'function',
  );
}
