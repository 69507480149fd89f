import { waitUntil } from '../lib/time.ts';
import { type Call, type Prepared, prepareBusiness } from '../peers/signet.ts';
import type { Carriers } from './carriers.ts';
import type { Installation } from './installation.ts';

const BOUND_LIMIT_MS = 120_000;

/** A business that may send, and a channel to each carrier; both share all messages. */
export async function setUp(installation: Installation, carriers: Carriers, window: number): Promise<Prepared> {
  const call: Call = (method, path, body, as = 'root') => installation.call({ method, path, body, as });
  const prepared = await prepareBusiness(call);
  const targets: { channel_id: number; weight: number }[] = [];
  for (const [i, { port }] of carriers.simulators.entries()) {
    const smpp = { host: '127.0.0.1', port, system_id: 'signet', password: 'signet', window };
    const { id } = (await call('POST', '/api/v1/channels', { name: `carrier-${i + 1}`, smpp })) as { id: number };
    targets.push({ channel_id: id, weight: 1 });
  }
  await call('POST', '/api/v1/routes', { name: 'all', targets });
  const bound = async () => {
    const { items } = (await call('GET', '/api/v1/channels')) as { items: { state: { link: string } }[] };
    return items.every(({ state }) => state.link === 'bound');
  };
  await waitUntil('the channels to be bound', bound, BOUND_LIMIT_MS);
  return prepared;
}
