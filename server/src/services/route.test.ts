import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ADMIN, refusalOf, TestDesk } from '../../test/desk.ts';
import { ROUTE_LIMITS, type RouteFields } from '../domain/route.ts';
import { DEFAULT_SMPP_SETTINGS } from '../domain/smpp-settings.ts';

let desk: TestDesk;
let channels: number[];
beforeEach(async () => {
  desk = await TestDesk.open();
  channels = [];
  for (const name of ['a', 'b', 'c']) {
    const smpp = { ...DEFAULT_SMPP_SETTINGS, host: 'smsc.example', port: 2775, systemId: 'us', password: 'secret' };
    channels.push((await desk.do('createChannel', { actor: ADMIN, name, enabled: true, smpp })).id);
  }
  await desk.newEvents();
  desk.notices.length = 0;
});
afterEach(() => desk.close());

const fields = (name: string, more: Partial<RouteFields> = {}): RouteFields => ({
  name,
  enabled: true,
  countries: [],
  prefixes: [],
  categories: [],
  businesses: [],
  targets: [{ channelId: channels[0]!, weight: 1 }],
  fallback: [],
  sticky: false,
  ...more,
});
const create = (name: string, more: Partial<RouteFields> = {}, position: number | null = null) =>
  desk.do('createRoute', { actor: ADMIN, fields: fields(name, more), position });
const names = async () => (await desk.ask('listRoutes', {})).map(({ name }) => name);

describe('a route', () => {
  test('is added, changed, moved and taken away; each told at once', async () => {
    const one = await create('one');
    expect(one).toEqual({
      id: one.id,
      ...fields('one'),
      position: 1,
      createdAt: desk.clock.now(),
      updatedAt: desk.clock.now(),
    });
    const two = await create('two');
    const first = await create('first', {}, 1);
    expect(first.position).toBe(1);
    expect(await names()).toEqual(['first', 'one', 'two']);
    desk.clock.advance(5);
    const edited = await desk.do('editRoute', {
      actor: ADMIN,
      id: one.id,
      fields: { countries: ['CN'] },
      position: null,
    });
    expect(edited).toEqual({ ...one, countries: ['CN'], position: 2, updatedAt: desk.clock.now() });
    expect(await desk.ask('findRoute', { id: one.id })).toEqual(edited);
    expect((await desk.do('editRoute', { actor: ADMIN, id: two.id, fields: {}, position: 1 })).position).toBe(1);
    // A place behind the last is the last.
    expect((await desk.do('editRoute', { actor: ADMIN, id: two.id, fields: {}, position: 99 })).position).toBe(3);
    await desk.do('deleteRoute', { actor: ADMIN, id: first.id });
    expect(await names()).toEqual(['one', 'two']);

    const change = (routeId: number, what: string) => ({ kind: 'route.changed', routeId, change: what });
    expect((await desk.newEvents()).map(({ body }) => body)).toEqual([
      change(one.id, 'created'),
      change(two.id, 'created'),
      change(first.id, 'created'),
      change(one.id, 'edited'),
      change(two.id, 'moved'),
      change(two.id, 'moved'),
      change(first.id, 'deleted'),
    ]);
    expect(desk.notices).toEqual(Array.from({ length: 7 }, () => ({ kind: 'routesChanged' })));
  });

  test.each<[Partial<RouteFields>, string]>([
    [{ name: 'x y' }, 'name'],
    [{ countries: ['XX'] }, 'countries'],
    [{ countries: ['cn'] }, 'countries'],
    [{ countries: ['CN', 'CN'] }, 'countries'],
    [{ prefixes: ['+86'] }, 'prefixes'],
    [{ prefixes: ['086'] }, 'prefixes'],
    [{ prefixes: ['1234567890123456'] }, 'prefixes'],
    [{ prefixes: ['86', '86'] }, 'prefixes'],
    [{ businesses: [99] }, 'businesses'],
    [{ targets: [] }, 'targets'],
    [{ targets: [{ channelId: 99, weight: 1 }] }, 'targets'],
    [{ targets: [{ channelId: 1, weight: 0 }] }, 'targets'],
    [{ targets: [{ channelId: 1, weight: 1.5 }] }, 'targets'],
    [
      {
        targets: [
          { channelId: 1, weight: 1 },
          { channelId: 1, weight: 2 },
        ],
      },
      'targets',
    ],
    [{ fallback: [1] }, 'fallback'],
    [{ fallback: [2, 2] }, 'fallback'],
    [{ fallback: [99] }, 'fallback'],
  ])('is refused with %j', async (more, field) => {
    expect(await refusalOf(create('r', more))).toMatchObject({ code: 'invalidField', field });
    expect(await names()).toEqual([]);
    const { id } = await create('r');
    await desk.newEvents();
    const edit = desk.do('editRoute', { actor: ADMIN, id, fields: more, position: null });
    expect(await refusalOf(edit)).toMatchObject({ code: 'invalidField', field });
    expect(await desk.newEvents()).toEqual([]);
  });

  test('has a name of its own', async () => {
    const { id } = await create('one');
    await create('two');
    expect(await refusalOf(create('one'))).toEqual({ code: 'routeNameTaken' });
    const rename = (name: string) => desk.do('editRoute', { actor: ADMIN, id, fields: { name }, position: null });
    expect(await refusalOf(rename('two'))).toEqual({ code: 'routeNameTaken' });
    expect((await rename('one')).name).toBe('one');
    expect((await rename('three')).name).toBe('three');
  });

  test('that is not there cannot be changed', async () => {
    const edit = desk.do('editRoute', { actor: ADMIN, id: 7, fields: {}, position: 1 });
    expect(await refusalOf(edit)).toEqual({ code: 'routeNotFound' });
    expect(await refusalOf(desk.do('deleteRoute', { actor: ADMIN, id: 7 }))).toEqual({ code: 'routeNotFound' });
    expect(await desk.ask('findRoute', { id: 7 })).toBe(null);
  });

  test("is the administrator's only", async () => {
    const { id } = await create('one');
    const actor = { businessId: 2, admin: false };
    const adminOnly = { code: 'adminOnly' };
    expect(await refusalOf(desk.do('createRoute', { actor, fields: fields('x'), position: null }))).toEqual(adminOnly);
    expect(await refusalOf(desk.do('editRoute', { actor, id, fields: {}, position: null }))).toEqual(adminOnly);
    expect(await refusalOf(desk.do('deleteRoute', { actor, id }))).toEqual(adminOnly);
  });

  test('is one of so many', async () => {
    const at = desk.clock.now();
    await desk.store.transact(async (tx) => {
      for (let i = 0; i < ROUTE_LIMITS.routes; i++) {
        await tx.routes.insert({ ...fields(`r${i}`), createdAt: at, updatedAt: at });
      }
    });
    expect(await refusalOf(create('more'))).toEqual({ code: 'tooManyRoutes', limit: ROUTE_LIMITS.routes });
  });

  test('keeps the channels it names from being deleted', async () => {
    await create('one', { targets: [{ channelId: channels[1]!, weight: 1 }] });
    const { id } = await create('two', { fallback: [channels[1]!] });
    const remove = () => desk.do('deleteChannel', { actor: ADMIN, id: channels[1]! });
    expect(await refusalOf(remove())).toEqual({ code: 'channelNamedByRoute', routes: ['one', 'two'] });
    expect((await desk.do('editChannel', { actor: ADMIN, id: channels[1]!, enabled: false })).enabled).toBe(false);
    await desk.do('deleteRoute', { actor: ADMIN, id });
    expect(await refusalOf(remove())).toEqual({ code: 'channelNamedByRoute', routes: ['one'] });
    await desk.do('editRoute', { actor: ADMIN, id: 1, fields: { targets: fields('x').targets }, position: null });
    await remove();
  });
});
