import { monotonicMs, sleep } from '../lib/time.ts';
import type { Carriers } from './carriers.ts';
import type { Installation, Node } from './installation.ts';
import type { Load } from './load.ts';

const PROBE_EVERY_MS = 200;
/** Without an end by then it has not recovered at all. */
const LIMIT_MS = 240_000;

/** How long everything took to work again, in milliseconds from when whatever had died was started again. */
export interface Recovery {
  /** Until each API had accepted a message. */
  acceptMs: number;
  /** Until a message accepted since had left over each channel. */
  leftMs: number;
  /** Until each channel had one of them reported as delivered. */
  deliveredMs: number;
}

interface Probe {
  number: number;
  uuid: string;
}

/** Sends single messages by each API until everything works. @throws Error when that does not come */
export async function recovery(
  { apis }: Installation,
  carriers: Carriers,
  load: Load,
  since: number,
): Promise<Recovery> {
  const probes: Probe[] = [];
  const acceptedAt = new Map<Node, number>();
  const leftAt = new Map<number, number>();
  const deliveredAt = new Map<number, number>();
  const channels = carriers.simulators.length;
  let over = false;
  const missing = () =>
    `${acceptedAt.size} of ${apis.length} APIs accept, ${leftAt.size} of ${channels} channels send, ${deliveredAt.size} deliver`;
  const send = async (node: Node): Promise<void> => {
    while (!over && leftAt.size < channels) {
      const { number, uuid } = await load.probe(node);
      if (uuid !== null) {
        if (!acceptedAt.has(node)) acceptedAt.set(node, monotonicMs());
        probes.push({ number, uuid });
      }
      await sleep(PROBE_EVERY_MS);
    }
    // Whichever accepts late, though others had everything sent by then.
    while (!over && !acceptedAt.has(node)) {
      if ((await load.probe(node)).uuid !== null) acceptedAt.set(node, monotonicMs());
      else await sleep(PROBE_EVERY_MS);
    }
  };
  const watch = async (): Promise<void> => {
    const first = new Map<number, Probe>();
    while (deliveredAt.size < channels || acceptedAt.size < apis.length) {
      if (monotonicMs() - since > LIMIT_MS) throw new Error(`it does not recover: ${missing()}`);
      for (const probe of probes) {
        const taken = carriers.taken.get(probe.number);
        if (taken === undefined || first.has(taken.carrier)) continue;
        first.set(taken.carrier, probe);
        leftAt.set(taken.carrier, taken.at);
      }
      for (const [carrier, probe] of first) {
        if (!deliveredAt.has(carrier) && (await isDelivered(apis, probe))) deliveredAt.set(carrier, monotonicMs());
      }
      await sleep(PROBE_EVERY_MS / 2);
    }
  };
  try {
    await Promise.all([
      watch().finally(() => {
        over = true;
      }),
      ...apis.map(send),
    ]);
  } finally {
    over = true;
  }
  const last = (times: Iterable<number>) => Math.max(...times) - since;
  return {
    acceptMs: last(acceptedAt.values()),
    leftMs: last(leftAt.values()),
    deliveredMs: last(deliveredAt.values()),
  };
}

/** Whether any API says so: one of them may be the one that died. */
async function isDelivered(apis: readonly Node[], { uuid }: Probe): Promise<boolean> {
  for (const node of apis) {
    const question = { method: 'GET', path: `/v1/message?uuid=${uuid}`, as: 'business' } as const;
    const answer = await node.ask(question).catch(() => null);
    if (answer?.status !== 200) continue;
    return ((JSON.parse(answer.text) as { counts: { delivered?: number } }).counts.delivered ?? 0) === 1;
  }
  return false;
}
