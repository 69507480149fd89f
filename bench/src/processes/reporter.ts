import { Client } from 'undici';
import { serveHelper } from '../lib/helper.ts';
import { sleep } from '../lib/time.ts';
import type { ReportBatch } from './sink.ts';

/** Reports a POST to the sink carries at most. */
const BATCH_MAX = 500;
/** Events asked for at once; one may name thousands of messages. */
const EVENTS_MAX = 100;
const IDLE_MS = 10;
const INDEX_DIGITS = 8;
const REPORTED = 'delivered,undelivered,expired,rejected';

interface EventPage {
  items: { id: number; state: string; runs: { plan_id: number; from: number; to: number }[] }[];
}

/** Follows the events of a server and tells the sink what became of each message: what a receiver of webhooks gets. */
async function follow(serverUrl: string, authorization: string, sinkUrl: string): Promise<void> {
  const server = new Client(serverUrl);
  const sink = new Client(sinkUrl);
  let after = 0;
  for (;;) {
    const path = `/api/v1/events?kind=message.state&state=${REPORTED}&after=${after}&limit=${EVENTS_MAX}`;
    const answer = await server.request({ method: 'GET', path, headers: { authorization } });
    if (answer.statusCode !== 200) throw new Error(`${path}: ${answer.statusCode} ${await answer.body.text()}`);
    const { items } = (await answer.body.json()) as EventPage;
    const reports: ReportBatch['reports'] = [];
    for (const { state, runs } of items) {
      for (const { plan_id, from, to } of runs) {
        for (let index = from; index <= to; index++) {
          reports.push([`${plan_id}${String(index).padStart(INDEX_DIGITS, '0')}`, state]);
        }
      }
    }
    for (let from = 0; from < reports.length; from += BATCH_MAX) {
      const body = JSON.stringify({ reports: reports.slice(from, from + BATCH_MAX) } satisfies ReportBatch);
      const taken = await sink.request({ method: 'POST', path: '/reports', body });
      await taken.body.dump();
    }
    after = items.at(-1)?.id ?? after;
    if (items.length === 0) await sleep(IDLE_MS);
  }
}

const methods = {
  start(serverUrl: string, authorization: string, sinkUrl: string): void {
    follow(serverUrl, authorization, sinkUrl).catch((error: unknown) => {
      process.stderr.write(`reporter: ${String(error)}\n`);
      process.exit(1);
    });
  },
};

/** What this process can be asked. */
export type ReporterHelper = typeof methods;

serveHelper(methods);
