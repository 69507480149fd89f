import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ADVERSITY_ENV, type Adversity, measureAdversity } from './adversity.ts';
import { openTenant } from './carrier-bench.ts';
import { monotonicMs, sleep } from './lib/time.ts';
import { SignetServer } from './peers/signet.ts';

const MESSAGES = 100_000;
/** What the template's value fills in makes some texts one part long and some three. */
const TEMPLATE = 'Your order: {text}';

/** Sends 100,000 messages, codes and notifications, through carriers that do everything wrong. */
export async function runAdversity(scale: number, workDir: string, say: (line: string) => void): Promise<Adversity> {
  mkdirSync(workDir, { recursive: true });
  const dir = mkdtempSync(join(workDir, 'adversity-'));
  const server = await SignetServer.start(join(dir, 'data'), { env: ADVERSITY_ENV });
  try {
    const senders = [
      await openTenant(server, 'codes', 'verification', TEMPLATE),
      await openTenant(server, 'notices', 'notification', TEMPLATE),
    ];
    const judged = {
      get: (path: string) => server.call('GET', path),
      post: (path: string, body: unknown) => server.call('POST', path, body),
      senders,
    };
    return await measureAdversity(judged, Math.ceil(MESSAGES * scale), { nowMs: monotonicMs, sleep }, say);
  } finally {
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}
