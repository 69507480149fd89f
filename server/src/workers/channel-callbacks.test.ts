import { afterEach, beforeEach, expect, test } from 'vitest';
import { ADMIN, TestDesk } from '../../test/desk.ts';
import { settle } from '../../test/workers.ts';
import { DEFAULT_HTTP_SETTINGS } from '../domain/http-settings.ts';
import { createLogger } from '../lib/log.ts';
import { ChannelCallbacks } from './channel-callbacks.ts';

let desk: TestDesk;
let callbacks: ChannelCallbacks;
let id: number;

beforeEach(async () => {
  desk = await TestDesk.open();
  const http = {
    ...structuredClone(DEFAULT_HTTP_SETTINGS),
    url: 'https://p.example',
    body: {},
    callbackToken: 'first',
  };
  id = (await desk.do('createChannel', { actor: ADMIN, name: 'p', enabled: true, http })).id;
  callbacks = new ChannelCallbacks({
    desk,
    listener: { reported: async () => {}, received: async () => {} },
    readerOf: (channel) =>
      channel.kind !== 'http'
        ? null
        : {
            address: channel.http,
            reader: {
              admits: (address) => address !== 'stranger',
              read: () => ({ refused: 'unreadable' }),
              answered() {},
            },
          },
    clock: desk.clock,
    log: createLogger('silent'),
  });
  await callbacks.start();
});
afterEach(() => desk.close());

const renew = async (token: string, overlapHours: number) => {
  await desk.do('renewCallback', { actor: ADMIN, id, token, overlapHours });
  await settle();
};
const admitted = async (...tokens: string[]) => {
  const found: string[] = [];
  for (const token of tokens) if ((await callbacks.admit(token, 'carrier')) === 200) found.push(token);
  return found;
};

test('a channel is listened to at its address, by those it admits', async () => {
  expect(await admitted('first', 'other')).toEqual(['first']);
  expect(await callbacks.admit('first', 'stranger')).toBe(403);
});

test('after a renewal at both addresses, until the time of the earlier is over', async () => {
  await renew('second', 2);
  expect(await admitted('first', 'second')).toEqual(['first', 'second']);
  desk.clock.advance(2 * 3_600_000 - 1);
  expect(await admitted('first', 'second')).toEqual(['first', 'second']);
  desk.clock.advance(1);
  expect(await admitted('first', 'second')).toEqual(['second']);
  expect(
    (await callbacks.take('first', { about: 'reports', headers: {}, query: {}, body: Buffer.alloc(0) })).status,
  ).toBe(404);
});

test('another renewal ends the earlier address, and one without overlap the present one', async () => {
  await renew('second', 24);
  await renew('third', 24);
  expect(await admitted('first', 'second', 'third')).toEqual(['second', 'third']);
  await renew('fourth', 0);
  expect(await admitted('first', 'second', 'third', 'fourth')).toEqual(['fourth']);
});
