import { type Simulator, startSimulator } from '@signet/smpp/simulator';
import { serveHelper } from '../lib/helper.ts';
import { checksumOf } from '../lib/numbers.ts';
import { monotonicMs } from '../lib/time.ts';

/** What the SMSC has seen since it was last cleared: the judge of what a peer claims to have sent. */
export interface Seen {
  submits: number;
  /** Different destinations among them. */
  distinct: number;
  checksum: number;
  /** When the first and the last came, by the machine's monotonic clock. */
  firstAt: number;
  lastAt: number;
  /** The octets of the messages in hexadecimal, each different one once, a few at most. */
  bodies: string[];
}

const BODIES_MAX = 4;

let simulator: Simulator | undefined;
let destinations = new Float64Array(1 << 16);
let submits = 0;
let firstAt = 0;
let lastAt = 0;
let lastBody: Uint8Array = new Uint8Array();
const bodies = new Set<string>();

const methods = {
  async start(receiptDelayMs: number, logPath: string | null): Promise<number> {
    simulator = await startSimulator({
      receiptDelayMs,
      ...(logPath === null ? {} : { logPath }),
      onSubmit(records) {
        lastAt = monotonicMs();
        if (submits === 0) firstAt = lastAt;
        for (const record of records) {
          if (submits === destinations.length) grow();
          destinations[submits++] = Number(record.destination.slice(-11));
          if (bodies.size < BODIES_MAX && Buffer.compare(lastBody, record.shortMessage) !== 0) {
            lastBody = Uint8Array.from(record.shortMessage);
            bodies.add(Buffer.from(lastBody).toString('hex'));
          }
        }
      },
    });
    return simulator.port;
  },
  submits: (): number => submits,
  binds: (): number => simulator!.stats.binds,
  seen(): Seen {
    const sorted = destinations.slice(0, submits).sort();
    let distinct = 0;
    let checksum = 0;
    for (let i = 0; i < sorted.length; i++) {
      if (i === 0 || sorted[i] !== sorted[i - 1]) distinct++;
      checksum += checksumOf(sorted[i]!);
    }
    return { submits, distinct, checksum, firstAt, lastAt, bodies: [...bodies] };
  },
  clear(): void {
    submits = 0;
    bodies.clear();
    lastBody = new Uint8Array();
  },
  close: (): Promise<void> => simulator!.close(),
};

function grow(): void {
  const larger = new Float64Array(destinations.length * 2);
  larger.set(destinations);
  destinations = larger;
}

/** What this process can be asked. */
export type SmscHelper = typeof methods;

serveHelper(methods);
