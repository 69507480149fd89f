import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ADMIN, refusalOf, TestDesk } from '../../test/desk.ts';
import { accept, answerFailed, approveSignature, open, openSender, type Sender } from '../../test/traffic.ts';
import type { ActorRef } from './verb.ts';

let desk: TestDesk;
let sender: Sender;
let actor: ActorRef;
let other: ActorRef;
beforeEach(async () => {
  desk = await TestDesk.open();
  sender = await openSender(desk);
  ({ actor } = sender);
  ({ actor: other } = await openSender(desk));
  await desk.newEvents();
});
afterEach(() => desk.close());

const create = (change: { text?: string; pics?: string[] } = {}, by = actor) =>
  desk.do('createSignature', { actor: by, text: 'New', source: 'trade mark', pics: [], ...change });
const edit = (id: number, change: { text?: string; source?: string | null; pics?: string[] | null } = {}, by = actor) =>
  desk.do('editSignature', { actor: by, id, text: 'Edited', source: null, pics: null, ...change });
const remove = (id: number, by = actor) => desk.do('deleteSignature', { actor: by, id });
const review = (id: number, state: 'approved' | 'rejected', reason = '', by = ADMIN) =>
  desk.do('reviewSignature', { actor: by, id, verdict: { state, reason } });
const find = (id: number, businessId: number | null = actor.businessId) =>
  desk.ask('findSignature', { businessId, id });
const bodies = async () => (await desk.newEvents()).map(({ businessId, body }) => [businessId, body]);

describe('a signature', () => {
  test('waits for review, is decided, edited, decided again and taken away; each told by an event', async () => {
    const { businessId } = actor;
    const { id } = await create({ text: '示例 &' });
    expect(await find(id)).toMatchObject({ businessId, text: '示例 &', source: 'trade mark', review: 'pending' });
    await review(id, 'rejected', 'no proof');
    expect(await find(id)).toMatchObject({ review: 'rejected', rejectReason: 'no proof', version: 1 });
    desk.clock.advance(1_000);
    expect(await edit(id, { text: 'Better', source: 'licence', pics: ['p'] })).toEqual({ id });
    expect(await find(id)).toMatchObject({
      text: 'Better',
      source: 'licence',
      pics: ['p'],
      review: 'pending',
      rejectReason: 'no proof',
      version: 2,
      updatedAt: desk.clock.now(),
    });
    await review(id, 'approved');
    await review(id, 'rejected', 'on second thoughts');
    await edit(id, { text: 'Best' });
    expect(await find(id)).toMatchObject({ text: 'Best', source: 'licence', pics: ['p'] });
    await remove(id);
    expect(await find(id)).toBe(null);
    const changed = [businessId, { kind: 'signature.changed', signatureId: id }];
    const reviewed = (state: string, reason: string) => [
      businessId,
      { kind: 'signature.review', signatureId: id, state, reason },
    ];
    expect(await bodies()).toEqual([
      changed,
      reviewed('rejected', 'no proof'),
      changed,
      reviewed('approved', ''),
      reviewed('rejected', 'on second thoughts'),
      changed,
      [businessId, { kind: 'signature.deleted', signatureId: id }],
    ]);
  });

  test('has 1 to 60 characters, not bytes, and no brackets', async () => {
    const field = { code: 'invalidField', field: 'signature' };
    for (const text of ['', '   ', 'x'.repeat(61), '😀'.repeat(61), 'a【b', 'a】', '[a', 'a]']) {
      expect(await refusalOf(create({ text }))).toMatchObject(field);
      expect(await refusalOf(edit(sender.signatureId, { text }))).toMatchObject(field);
    }
    for (const text of ['x', '😀'.repeat(60), '(a) {b}']) expect((await create({ text })).id).toBeGreaterThan(0);
    expect((await find(sender.signatureId))?.text).toBe('Signet');
  });

  test('is found and listed by its owner and, for any business, by the administrator', async () => {
    const { id } = await create();
    expect(await find(id, other.businessId)).toBe(null);
    expect((await find(id, null))?.id).toBe(id);
    const list = (page: { page: number; pageSize: number } | null) =>
      desk.ask('listSignatures', { businessId: actor.businessId, page });
    expect((await list(null)).items.map((each) => each.id)).toEqual([id, sender.signatureId]);
    expect(await list({ page: 2, pageSize: 1 })).toMatchObject({ items: [{ id: sender.signatureId }], total: 2 });
  });

  test('stands in the queue of reviews until it is decided', async () => {
    const { id } = await create();
    const queue = async () =>
      (await desk.ask('reviewQueue', { signaturesAfter: 0, templatesAfter: 0, limit: 10 })).signatures;
    expect(await queue()).toMatchObject([{ item: { id }, businessName: expect.stringMatching(/^sender-/) }]);
    await review(id, 'approved');
    expect(await queue()).toEqual([]);
  });

  test('of nobody or somebody else is not there', async () => {
    const { id } = await create();
    await review(id, 'approved');
    const missing = { code: 'signatureNotFound' };
    for (const attempt of [
      () => edit(999),
      () => edit(id, {}, other),
      // The administrator's own objects are those of its own business.
      () => edit(id, {}, ADMIN),
      () => remove(999),
      () => remove(id, other),
      () => review(999, 'approved'),
    ]) {
      expect(await refusalOf(attempt())).toEqual(missing);
    }
    await remove(id);
    for (const attempt of [() => edit(id), () => remove(id), () => review(id, 'approved')]) {
      expect(await refusalOf(attempt())).toEqual(missing);
    }
  });

  test('is decided by the administrator only', async () => {
    const { id } = await create();
    expect(await refusalOf(review(id, 'approved', '', actor))).toEqual({ code: 'adminOnly' });
    expect((await find(id))?.review).toBe('pending');
  });

  test('is not edited while it waits for review, but may go', async () => {
    const { id } = await create();
    expect(await refusalOf(edit(id))).toEqual({ code: 'signatureInReview' });
    await remove(id);
    expect(await find(id)).toBe(null);
  });

  test('is not touched while a plan names it', async () => {
    const id = sender.signatureId;
    const planId = await accept(desk, sender, 1);
    expect(await refusalOf(edit(id))).toEqual({ code: 'signatureInUse' });
    expect(await refusalOf(remove(id))).toEqual({ code: 'signatureInUse' });
    expect(await refusalOf(review(id, 'rejected'))).toEqual({ code: 'signatureInUse' });
    await open(desk, [{ planId, from: 0, to: 0 }]);
    await answerFailed(desk, { planId, index: 0 }, 'never');
    await edit(id);
    await approveSignature(desk, id);
  });

  test('may have to be the only live one of its text', async () => {
    const taken = { code: 'signatureTextTaken' };
    const make = (text: string, by = actor) =>
      desk.do('createSignature', { actor: by, text, source: '', pics: [], unique: true });
    const rename = (id: number, text: string) =>
      desk.do('editSignature', { actor, id, text, source: null, pics: null, unique: true });
    expect(await refusalOf(make('Signet'))).toEqual(taken);
    // Those that need not be the only ones count for those that must.
    const [first, second] = [await create({ text: 'Twice' }), await create({ text: 'Twice' })];
    expect(await refusalOf(make('Twice'))).toEqual(taken);
    await remove(first.id);
    expect(await refusalOf(make('Twice'))).toEqual(taken);
    await remove(second.id);
    const { id } = await make('Twice');
    await make('Twice', other);
    await review(id, 'approved');
    expect(await refusalOf(rename(id, 'Signet'))).toEqual(taken);
    await rename(id, 'Twice');
  });

  test('is counted with the live templates that name it', async () => {
    const { id } = await create();
    const counted = (of: number | null, businessId = actor.businessId) =>
      desk.ask('countedSignatures', { businessId, id: of });
    expect(await counted(null)).toMatchObject([
      { signature: { id }, templates: 0 },
      { signature: { id: sender.signatureId }, templates: 1 },
    ]);
    expect(await counted(sender.signatureId)).toMatchObject([{ templates: 1 }]);
    expect(await counted(id, other.businessId)).toEqual([]);
    expect(await counted(999)).toEqual([]);
  });

  test('does not go while a live template names it', async () => {
    const { signatureId, templateId } = sender;
    expect(await refusalOf(remove(signatureId))).toEqual({ code: 'signatureNamedByTemplate' });
    await desk.do('deleteTemplate', { actor, id: templateId, signatureId: null });
    await remove(signatureId);
  });
});
