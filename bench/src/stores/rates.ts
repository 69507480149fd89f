import { longWindows, NO_FREQUENCY_POLICY } from 'signet/internal/domain/frequency';
import { DEFAULT_REPEAT_AFTER_MS } from 'signet/internal/domain/outcome';
import { systemClock } from 'signet/internal/lib/clock';
import { createLogger } from 'signet/internal/lib/log';
import { UNLIMITED } from 'signet/internal/limits/limits';
import type { VerbInput, VerbName, VerbValue } from 'signet/internal/services/desk';
import { GrantBook } from 'signet/internal/services/grants';
import { createHotRows } from 'signet/internal/services/hot-rows';
import { packAccepted, packRanges } from 'signet/internal/services/packed';
import { RecentInbound } from 'signet/internal/services/recent-inbound';
import { RecipientLists } from 'signet/internal/services/recipient-lists';
import type { Verb } from 'signet/internal/services/verb';
import { VerbRunner } from 'signet/internal/services/verb-runner';
import { verbs } from 'signet/internal/services/verbs';
import type { Report, Store } from 'signet/internal/store/store';
import { monotonicMs } from '../lib/time.ts';

const NUMBER = 8_613_800_138_000;
const CHANNEL = 1;
const ADMIN = { businessId: 1, admin: true };
/** Messages of one transaction, and of one plan where plans are large. */
const BATCH = 2_000;
const LARGE = 1_000;
const BUSINESSES = 20;

/** How fast one kind of batch was written. */
export interface BatchRate {
  what: string;
  /** Messages a transaction. */
  batch: number;
  messagesPerS: number;
  /** Milliseconds a transaction took, the median. */
  batchMs: number;
  /** CPU of this process and, where it is one of its own, of the server: microseconds a message. */
  ownCpuUs: number;
  serverCpuUs: number;
}

/** Measures the four batches of a message's life, and that of one no carrier takes: plans of one message, and of a thousand. */
export async function measureBatches(store: Store, serverCpuMs: () => number, batches: number): Promise<BatchRate[]> {
  const desk = new BenchDesk(store);
  const senders = await openSenders(desk);
  const rates: BatchRate[] = [];
  for (const size of [1, LARGE]) {
    const kind = size === 1 ? 'plans of one' : `plans of ${LARGE}`;
    const plans: number[][] = [];
    const measure = async (what: string, run: (i: number) => Promise<void>) => {
      // The first one warms up.
      await run(0);
      const [cpu, server, times] = [process.cpuUsage(), serverCpuMs(), [] as number[]];
      const began = monotonicMs();
      for (let i = 1; i <= batches; i++) {
        const at = monotonicMs();
        await run(i);
        times.push(monotonicMs() - at);
      }
      const took = monotonicMs() - began;
      const own = process.cpuUsage(cpu);
      times.sort((a, b) => a - b);
      rates.push({
        what: `${what}, ${kind}`,
        batch: BATCH,
        messagesPerS: (batches * BATCH * 1_000) / took,
        batchMs: times[Math.floor(times.length / 2)]!,
        ownCpuUs: (own.user + own.system) / (batches * BATCH),
        serverCpuUs: ((serverCpuMs() - server) * 1_000) / (batches * BATCH),
      });
    };
    const accept = async () => {
      const inputs = Array.from({ length: BATCH / size }, (_, i) => acceptOf(senders[i % senders.length]!, size));
      plans.push((await desk.all('acceptPlan', inputs)).map(({ planId }) => planId));
    };
    await measure('accept', accept);
    const ranges = (i: number) => plans[i]!.map((planId) => ({ planId, from: 0, to: size - 1 }));
    const messages = (i: number) =>
      plans[i]!.flatMap((planId) => Array.from({ length: size }, (_, index) => ({ planId, index })));
    const claim = async (i: number) => {
      await desk.all('openAttempts', [{ channelId: CHANNEL, ranges: packRanges(ranges(i)), retries: [] }]);
    };
    await measure('claim', claim);
    const idOf = (planId: number, index: number) => `${planId.toString(16)}-${index}`;
    await measure('outcome', async (i) => {
      const accepted = messages(i).map(({ planId, index }) => ({
        planId,
        index,
        recipient: NUMBER + index,
        carrierIds: [idOf(planId, index)],
      }));
      await desk.all('recordOutcomes', [
        { channelId: CHANNEL, accepted: packAccepted(accepted), failed: [], receipts: true },
      ]);
    });
    await measure('receipt', async (i) => {
      const at = systemClock.now();
      const reports = messages(i).map(
        ({ planId, index }): Report => ({
          channelId: CHANNEL,
          carrierId: idOf(planId, index),
          recipient: NUMBER + index,
          state: 'delivered',
          error: '000',
          userReference: null,
          at,
        }),
      );
      const [counts] = await desk.all('recordReceipts', [{ reports, batch: null }]);
      if (counts!.matched !== BATCH) throw new Error(`${counts!.matched} of ${BATCH} reports found their messages`);
    });
    plans.length = 0;
    for (let i = 0; i <= batches; i++) {
      await accept();
      await claim(i);
    }
    await measure('refusal', async (i) => {
      const failed = messages(i).map((message) => ({
        ...message,
        recipient: NUMBER + message.index,
        outcome: 'never' as const,
        error: 'ESME_RINVDSTADR',
      }));
      await desk.all('recordOutcomes', [{ channelId: CHANNEL, accepted: packAccepted([]), failed, receipts: true }]);
    });
  }
  return rates;
}

interface Sender {
  businessId: number;
  signatureId: number;
  templateId: number;
}

async function openSenders(desk: BenchDesk): Promise<Sender[]> {
  await desk.all('setAdminPassword', [{ passwordHash: '' }]);
  const senders: Sender[] = [];
  for (let i = 0; i < BUSINESSES; i++) {
    const [business] = await desk.all('createBusiness', [
      {
        actor: ADMIN,
        name: `business-${i}`,
        passwordHash: '',
        defaultCountry: null,
        timeZone: null,
        credits: 100_000_000,
      },
    ]);
    const actor = { businessId: business!.id, admin: false };
    const [signature] = await desk.all('createSignature', [{ actor, text: 'Signet', source: 'trade mark', pics: [] }]);
    const verdict = { state: 'approved', reason: '' } as const;
    await desk.all('reviewSignature', [{ actor: ADMIN, id: signature!.id, verdict }]);
    const fields = {
      signatureId: signature!.id,
      placement: null,
      name: 'greeting',
      text: 'Hello',
      category: 'notification' as const,
      description: null,
      countryCodes: null,
    };
    const [template] = await desk.all('createTemplate', [{ actor, fields }]);
    await desk.all('reviewTemplate', [{ actor: ADMIN, id: template!.id, verdict }]);
    senders.push({ businessId: business!.id, signatureId: signature!.id, templateId: template!.id });
  }
  return senders;
}

const acceptOf = (sender: Sender, size: number): VerbInput<'acceptPlan'> => ({
  request: {
    ...sender,
    dialect: 'native',
    name: '',
    unsetVariables: 'refuse',
    startAt: null,
    customArgs: null,
  },
  total: size,
  recipients: Array.from({ length: size }, (_, i) => NUMBER + i),
  invalid: [],
  parameters: { shared: null },
  idempotency: null,
});

/** The verbs over a store, in this thread. */
class BenchDesk {
  readonly #runner: VerbRunner;
  #nextId = 1;

  constructor(store: Store) {
    this.#runner = new VerbRunner(store, verbs as unknown as Record<string, Verb<unknown, unknown>>, {
      now: () => systemClock.now(),
      settings: {
        repeatAfterMs: DEFAULT_REPEAT_AFTER_MS,
        lostRepeats: 1,
        reportsKeptMs: 0,
        messagesKeptMs: 0,
        eventsKeptMs: 0,
        unknownAfterMs: 3_600_000,
        sessions: { idleMs: 0, maxMs: 0 },
        maxLateMs: 3_600_000,
        longWindows: longWindows(NO_FREQUENCY_POLICY),
        validityMs: { verification: 600_000, notification: 259_200_000, marketing: 259_200_000 },
        quiet: null,
        sweepStep: 10_000,
      },
      limits: UNLIMITED,
      grants: new GrantBook(),
      hot: createHotRows(),
      recipientLists: new RecipientLists(),
      recentInbound: new RecentInbound(),
      log: createLogger('warn'),
    });
  }

  /** Runs commands of one kind together. @throws what the first of them was refused with */
  async all<N extends VerbName>(verb: N, inputs: readonly VerbInput<N>[]): Promise<VerbValue<N>[]> {
    const first = this.#nextId;
    for (const input of inputs) this.#runner.add({ id: this.#nextId++, verb, input });
    const values: VerbValue<N>[] = [];
    while (!this.#runner.idle) {
      for (const reply of (await this.#runner.commitNext()).replies) {
        if (!('value' in reply)) throw new Error(`${verb}: ${JSON.stringify(reply)}`);
        values[reply.id - first] = reply.value as VerbValue<N>;
      }
    }
    return values;
  }
}
