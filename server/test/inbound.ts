import type { InboundMessage } from '../src/domain/inbound.ts';
import type { Arrived, InboundCounts } from '../src/services/inbound.ts';
import type { TestDesk } from './desk.ts';
import { NUMBER } from './traffic.ts';

/** The number that messages of the tests come in on. */
export const SHORT_CODE = '1069001';

let fingerprints = 0;

/** An SMS from the first test number that comes now, on a link that has been up for a minute. */
export function arrival(desk: TestDesk, change: Partial<Arrived> = {}): Arrived {
  const at = desk.clock.now();
  return {
    channelId: 1,
    from: `+${NUMBER}`,
    to: SHORT_CODE,
    text: 'hello',
    part: null,
    fingerprint: ++fingerprints,
    at,
    linkSince: at - 60_000,
    ...change,
  };
}

/** Hands in SMS one behind the other, a millisecond apart, in one batch. */
export async function receive(desk: TestDesk, ...changes: Partial<Arrived>[]): Promise<InboundCounts> {
  const messages = changes.map((change) => {
    desk.clock.advance(1);
    return arrival(desk, change);
  });
  return desk.do('recordInbound', { messages });
}

/** All inbound messages, oldest first. */
export async function received(desk: TestDesk): Promise<InboundMessage[]> {
  const everything = { businessId: null, unmatched: false, kind: null, from: null, to: null } as const;
  const list = await desk.ask('listInbound', { ...everything, since: null, until: null, before: null, limit: 1_000 });
  return list.reverse();
}
