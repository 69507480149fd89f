import type { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { LiveNews } from '../../domain/live.ts';
import { ManualClock } from '../../lib/manual-clock.ts';
import type { HttpDeps, LiveSource } from '../deps.ts';
import { liveEndpoints } from './live.ts';

type Reader = Parameters<LiveSource['follow']>[0];

const NEWS: LiveNews = { topic: 'overview', at: 0, spanMs: 1_000, states: { delivered: 1 } };

/** The stream of one request, and the reader that the feed was given. */
async function open(admittedStill: () => Promise<void> = async () => {}) {
  const clock = new ManualClock();
  let reader: Reader | undefined;
  let left = false;
  const live: LiveSource = {
    async follow(given) {
      reader = given;
      return () => {
        left = true;
      };
    },
  };
  const [endpoint] = liveEndpoints({ clock, live } as unknown as HttpDeps);
  const actor = { businessId: 7, credentialId: null, admin: false };
  const call = {
    actor,
    query: { topics: 'overview' },
    lastEventId: '12',
    admittedStill,
    shown: <T>(piece: T) => piece,
  };
  const stream = (await endpoint!.handle(call as never)) as Readable;
  return { stream, clock, reader: reader!, left: () => left };
}

const closed = (stream: Readable): Promise<void> => new Promise((resolve) => stream.once('close', () => resolve()));

describe('GET /live', () => {
  it('cuts a stream whose reader takes nothing, before much waits for it', async () => {
    const { stream, reader, left } = await open();
    let most = 0;
    while (!stream.destroyed) {
      reader.tell(NEWS);
      most = Math.max(most, stream.readableLength);
    }
    await closed(stream);
    expect(left()).toBe(true);
    expect(most).toBeLessThan(300 << 10);
    // Nothing happens to whoever tells more.
    reader.tell(NEWS);
  });

  it('goes on as long as it is read', async () => {
    const { stream, reader } = await open();
    let octets = 0;
    stream.on('data', (chunk: Buffer) => {
      octets += chunk.length;
    });
    while (octets < 1 << 20) {
      for (let i = 0; i < 1_000; i++) reader.tell(NEWS);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(stream.destroyed).toBe(false);
  });

  it('says where somebody goes on', async () => {
    const { reader } = await open();
    expect(reader).toMatchObject({ after: 12, wish: { businessId: 7, planId: null } });
  });

  it('is still there every 15 s, and ends for whoever may not follow any more', async () => {
    let admitted = true;
    const { stream, clock, left } = await open(async () => {
      if (!admitted) throw new Error('no more');
    });
    let text = '';
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    clock.advance(30_000);
    await new Promise((resolve) => setImmediate(resolve));
    expect(text.match(/^: still here$/gm)).toHaveLength(2);
    admitted = false;
    const ended = closed(stream);
    clock.advance(30_000);
    await ended;
    expect(left()).toBe(true);
  });
});
