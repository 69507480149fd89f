import { afterEach, beforeEach, expect, test } from 'vitest';
import { ADMIN, TestDesk } from '../../test/desk.ts';
import { createLogger } from '../lib/log.ts';
import { sha256 } from '../lib/random.ts';
import { KeyUse } from './key-use.ts';

let desk: TestDesk;
let keyUse: KeyUse;
const ids: number[] = [];
beforeEach(async () => {
  desk = await TestDesk.open();
  keyUse = new KeyUse(desk, desk.clock, createLogger('silent'));
  ids.length = 0;
  for (const key of ['sk_one', 'sk_two']) {
    const made = await desk.do('createCredential', {
      actor: ADMIN,
      businessId: 1,
      key,
      secretHash: sha256(key),
      description: '',
      permissions: ['send'],
      expiresAt: null,
      allowedAddresses: [],
    });
    ids.push(made.id);
  }
});
afterEach(() => desk.close());

const lastUsed = async () => (await desk.ask('listCredentials', { businessId: 1 })).map(({ lastUsedAt }) => lastUsedAt);

test('uses are written together, once a minute, the latest of each key', async () => {
  const start = desk.clock.now();
  keyUse.note(ids[0]!);
  desk.clock.advance(20_000);
  keyUse.note(ids[0]!);
  keyUse.note(ids[1]!);
  desk.clock.advance(39_999);
  expect(await lastUsed()).toEqual([null, null]);
  desk.clock.advance(1);
  expect(await lastUsed()).toEqual([start + 20_000, start + 20_000]);
  desk.clock.advance(600_000);
  keyUse.note(ids[1]!);
  desk.clock.advance(60_000);
  expect(await lastUsed()).toEqual([start + 20_000, start + 660_000]);
});

test('a stop writes what is left', async () => {
  const start = desk.clock.now();
  keyUse.note(ids[1]!);
  await keyUse.stop();
  expect(await lastUsed()).toEqual([null, start]);
});
