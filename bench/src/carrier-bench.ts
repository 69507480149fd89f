import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Simulator, type SimulatorOptions, type SubmitRecord, startSimulator } from '@signet/smpp/simulator';
import { request } from 'undici';
import { monotonicMs, waitUntil } from './lib/time.ts';
import { SignetServer } from './peers/signet.ts';

const MOST_NUMBERS = 10_000;
const PASSWORD = 'bench-password';
const CATEGORIES = { verification: 1, notification: 2, marketing: 3 } as const;

/** One business that may send one template. */
export interface Tenant {
  send(numbers: readonly string[]): Promise<void>;
}

/** A server whose only channel leads to a simulated carrier, and what that was sent. */
export interface CarrierBench {
  server: SignetServer;
  smsc: Simulator;
  seen: { at: number; destination: number }[];
}

/**
 * Runs `work` beside a new server and a carrier.
 * @param carrier how the carrier is
 * @param channel settings of the channel beyond those that reach it
 */
export async function withCarrier<T>(
  workDir: string,
  carrier: SimulatorOptions,
  channel: Record<string, unknown>,
  work: (bench: CarrierBench) => Promise<T>,
): Promise<T> {
  mkdirSync(workDir, { recursive: true });
  const dir = mkdtempSync(join(workDir, 'carrier-'));
  const seen: CarrierBench['seen'] = [];
  const onSubmit = (records: SubmitRecord[]) => {
    const at = monotonicMs();
    for (const { destination } of records) seen.push({ at, destination: Number(destination.slice(-11)) });
  };
  const smsc = await startSimulator({ ...carrier, onSubmit });
  let server: SignetServer | undefined;
  try {
    server = await SignetServer.start(join(dir, 'data'));
    const { id } = (await server.call('POST', '/api/v1/channels', {
      name: 'carrier',
      smpp: {
        host: '127.0.0.1',
        port: smsc.port,
        system_id: 'signet',
        password: 'signet',
        registered_delivery: 'none',
        ...channel,
      },
    })) as { id: number };
    const { call } = server;
    await waitUntil(
      'the channel to be bound',
      async () => {
        const { state } = (await call.call(server!, 'GET', `/api/v1/channels/${id}`)) as { state: { link: string } };
        return state.link === 'bound';
      },
      10_000,
    );
    return await work({ server, smsc, seen });
  } finally {
    await server?.stop();
    await smsc.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Opens a business that may send one template of a category. */
export async function openTenant(
  server: SignetServer,
  name: string,
  category: keyof typeof CATEGORIES,
  template: string,
): Promise<Tenant> {
  await server.call('POST', '/api/v1/businesses', { name, password: PASSWORD, credits: 100_000_000 });
  const authorization = `Basic ${Buffer.from(`${name}:${PASSWORD}`).toString('base64')}`;
  const post = async (path: string, body: unknown): Promise<Record<string, number>> => {
    const answer = await request(`${server.url}${path}`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`POST ${path}: ${answer.statusCode} ${text}`);
    return JSON.parse(text) as Record<string, number>;
  };
  const { sign_id } = await post('/v1/signature', { signature: 'Signet', source: 'bench' });
  await server.call('POST', '/v2/signreview', { sign_id, audit_status: 'passed' });
  const type = CATEGORIES[category];
  const { temp_id } = await post('/v1/template', { name: 'text', template, type, description: 'bench', sign_id });
  await server.call('POST', '/v2/tempreview', { temp_id, audit_status: 'passed' });
  return {
    async send(numbers) {
      for (let from = 0; from < numbers.length; from += MOST_NUMBERS) {
        const mobiles = numbers.slice(from, from + MOST_NUMBERS);
        // Texts that are long for some only: a value for each recipient.
        if (template.includes('{')) {
          const recipients = mobiles.map((mobile, i) => ({ mobile, params: { text: '长'.repeat((i * 37) % 150) } }));
          await post('/v1/message', { sign_id, temp_id, recipients });
        } else await post('/v1/message', { sign_id, temp_id, mobiles });
      }
    },
  };
}

/** The first number, without its country. */
export const FIRST = 13_800_000_000;

/** `count` numbers from the `from`-th on. */
export const numbersFrom = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, i) => String(FIRST + from + i));
