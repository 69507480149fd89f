import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ADMIN, refusalOf, TestDesk } from '../../test/desk.ts';
import { isSimulated } from '../domain/channel.ts';
import { DEFAULT_SMPP_SETTINGS, type SmppSettings } from '../domain/smpp-settings.ts';

let desk: TestDesk;
beforeEach(async () => {
  desk = await TestDesk.open();
  await desk.newEvents();
});
afterEach(() => desk.close());

const SMPP: SmppSettings = {
  ...DEFAULT_SMPP_SETTINGS,
  host: 'smsc.example',
  port: 2775,
  systemId: 'us',
  password: 'secret',
};
const ANYBODY = { businessId: 2, admin: false };
const create = (name: string, actor = ADMIN) => desk.do('createChannel', { actor, name, enabled: true, smpp: SMPP });
const channels = () => desk.ask('listChannels', {});

describe('a channel', () => {
  test('is added, changed and taken away; each told at once', async () => {
    const made = await create('main');
    const { now } = { now: desk.clock.now() };
    expect(made).toEqual({
      id: made.id,
      name: 'main',
      kind: 'smpp',
      enabled: true,
      smpp: SMPP,
      createdAt: now,
      updatedAt: now,
    });
    expect(await desk.ask('findChannel', { id: made.id })).toEqual(made);
    desk.clock.advance(10);
    const edited = await desk.do('editChannel', { actor: ADMIN, id: made.id, smpp: { port: 2776, window: 5 } });
    expect(edited).toEqual({ ...made, smpp: { ...SMPP, port: 2776, window: 5 }, updatedAt: now + 10 });
    const disabled = await desk.do('editChannel', { actor: ADMIN, id: made.id, enabled: false });
    expect(disabled).toEqual({ ...edited, enabled: false });
    expect(await desk.ask('findChannel', { id: made.id })).toEqual(disabled);
    await desk.do('deleteChannel', { actor: ADMIN, id: made.id });
    expect(await desk.ask('findChannel', { id: made.id })).toBe(null);
    expect((await desk.newEvents()).map(({ businessId, body }) => [businessId, body])).toEqual(
      ['created', 'edited', 'edited', 'deleted'].map((change) => [
        ADMIN.businessId,
        { kind: 'channel.changed', channelId: made.id, change },
      ]),
    );
    expect(desk.notices).toEqual(new Array(4).fill({ kind: 'channelsChanged' }));
  });

  test('has existed for ever after', async () => {
    expect(await channels()).toEqual({ channels: [], everHadOne: false });
    const { id } = await create('main');
    expect(await channels()).toMatchObject({ channels: [{ id }], everHadOne: true });
    await desk.do('deleteChannel', { actor: ADMIN, id });
    expect(await channels()).toEqual({ channels: [], everHadOne: true });
  });

  test('is never the one that means the built-in simulator', async () => {
    const { id } = await create('main');
    expect([isSimulated(id), isSimulated(null), isSimulated(0)]).toEqual([false, false, true]);
  });

  test('has a name of its own, which shells carry without quoting', async () => {
    await create('main');
    expect(await refusalOf(create('main'))).toEqual({ code: 'channelNameTaken' });
    for (const name of ['', 'a b', 'x'.repeat(65), '-a', 'ä', 'a/b']) {
      expect(await refusalOf(create(name))).toMatchObject({ code: 'invalidField', field: 'name' });
    }
    expect((await channels()).channels).toHaveLength(1);
  });

  test('is the administrator’s business only, and must be there', async () => {
    const { id } = await create('main');
    expect(await refusalOf(create('other', ANYBODY))).toEqual({ code: 'adminOnly' });
    expect(await refusalOf(desk.do('editChannel', { actor: ANYBODY, id }))).toEqual({ code: 'adminOnly' });
    expect(await refusalOf(desk.do('deleteChannel', { actor: ANYBODY, id }))).toEqual({ code: 'adminOnly' });
    expect(await refusalOf(desk.do('editChannel', { actor: ADMIN, id: 999 }))).toEqual({ code: 'channelNotFound' });
    expect(await refusalOf(desk.do('deleteChannel', { actor: ADMIN, id: 999 }))).toEqual({ code: 'channelNotFound' });
  });
});
