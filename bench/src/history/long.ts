import { request } from 'undici';
import { sleep } from '../lib/time.ts';
import { rootAuthorization, type SignetServer } from '../peers/signet.ts';
import type { Page } from './pages.ts';
import { DAY_MS } from './shape.ts';

const LOOK_EVERY_MS = 200;

/** Pages somebody goes on asking for while something long is done. */
export const SEEN_BESIDE: readonly string[] = [
  ...['messages, newest', 'messages failed', 'messages to a number', 'messages of a plan'],
  ...['one message', 'plans, newest', 'overview', 'audit log'],
];

/** Something that takes long. */
export interface Long {
  what: string;
  run: () => Promise<void>;
}

/** What reads or counts much of what there is. */
export function longOf(server: SignetServer, pages: readonly Page[], until: number): Long[] {
  const file = pages.find(({ what }) => what.startsWith('messages of a large plan, as CSV'))!;
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);
  return [
    {
      what: 'while the ledger is checked',
      run: async () => {
        const { ok, faults } = (await server.call('GET', '/api/v1/ledger/check')) as { ok: boolean; faults: unknown[] };
        if (!ok) throw new Error(`the books are wrong: ${JSON.stringify(faults.slice(0, 3))}`);
      },
    },
    {
      what: 'while the messages of a large plan are downloaded',
      run: async () => {
        const headers = { authorization: rootAuthorization() };
        const { body } = await request(`${server.url}/api/v1${file.path(0)}`, { headers });
        await body.dump({ limit: Number.MAX_SAFE_INTEGER });
      },
    },
    {
      what: 'while the figures of the last day are counted again',
      run: async () => {
        const path = '/api/v1/figures/rebuild';
        await server.call('POST', path, { from: day(until), to: day(until + DAY_MS) });
        for (;;) {
          const { rebuilding } = (await server.call('GET', '/api/v1/figures')) as { rebuilding: boolean };
          if (!rebuilding) return;
          await sleep(LOOK_EVERY_MS);
        }
      },
    },
  ];
}

/** A server that has just been started forgets what was kept for long enough. */
export const forgetting = (server: SignetServer): Long => ({
  what: 'while the oldest days are forgotten',
  run: async () => {
    for (;;) {
      const { items } = (await server.call('GET', '/api/v1/tasks?name=room&limit=1')) as { items: { state: string }[] };
      if (items[0] !== undefined && items[0].state !== 'running') return;
      await sleep(LOOK_EVERY_MS);
    }
  },
});
