import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ADMIN, refusalOf, TestDesk } from '../../test/desk.ts';
import {
  accept,
  answerFailed,
  approveSignature,
  approveTemplate,
  open,
  openSender,
  type Sender,
  templateFields,
} from '../../test/traffic.ts';
import type { TemplateFields } from './template.ts';
import type { ActorRef } from './verb.ts';

let desk: TestDesk;
let sender: Sender;
let other: Sender;
let actor: ActorRef;
beforeEach(async () => {
  desk = await TestDesk.open();
  sender = await openSender(desk);
  other = await openSender(desk);
  ({ actor } = sender);
  await desk.newEvents();
});
afterEach(() => desk.close());

const fields = (change: Partial<TemplateFields> = {}): TemplateFields => ({
  ...templateFields(sender.signatureId, 'Hi {name}'),
  ...change,
});
const create = (change: Partial<TemplateFields> = {}, by = actor) =>
  desk.do('createTemplate', { actor: by, fields: fields(change) });
const edit = (id: number, change: Partial<TemplateFields> = {}, by = actor) =>
  desk.do('editTemplate', { actor: by, id, fields: fields(change) });
const remove = (id: number, signatureId: number | null = null, by = actor) =>
  desk.do('deleteTemplate', { actor: by, id, signatureId });
const review = (id: number, state: 'approved' | 'rejected', reason = '', by = ADMIN) =>
  desk.do('reviewTemplate', { actor: by, id, verdict: { state, reason } });
const find = (id: number, businessId: number | null = actor.businessId) => desk.ask('findTemplate', { businessId, id });
/** A signature of the sender's that is not approved. */
async function pendingSignature(): Promise<number> {
  return (await desk.do('createSignature', { actor, text: 'Pending', source: 's', pics: [] })).id;
}

describe('a template', () => {
  test('waits for review, is decided, edited, decided again and taken away; each told by an event', async () => {
    const { id } = await create({ description: 'about', countryCodes: 'GB', category: 'marketing' });
    expect(await find(id)).toMatchObject({
      businessId: actor.businessId,
      signatureId: sender.signatureId,
      placement: 'prefix',
      name: 'greeting',
      text: 'Hi {name}',
      category: 'marketing',
      description: 'about',
      countryCodes: 'GB',
      review: 'pending',
      version: 1,
    });
    await review(id, 'rejected', 'too loud');
    await edit(id, { text: 'hi', category: 'notification' });
    expect(await find(id)).toMatchObject({
      text: 'hi',
      category: 'notification',
      description: 'about',
      countryCodes: 'GB',
      review: 'pending',
      rejectReason: 'too loud',
      version: 2,
    });
    await approveTemplate(desk, id);
    await remove(id);
    expect(await find(id)).toBe(null);
    const changed = { kind: 'template.changed', templateId: id };
    expect((await desk.newEvents()).map(({ body }) => body)).toEqual([
      changed,
      { kind: 'template.review', templateId: id, state: 'rejected', reason: 'too loud' },
      changed,
      { kind: 'template.review', templateId: id, state: 'approved', reason: '' },
      { kind: 'template.deleted', templateId: id },
    ]);
  });

  test('has the country of its business, and no description, unless it says so', async () => {
    const { id } = await create();
    expect(await find(id)).toMatchObject({ description: '', countryCodes: 'CN' });
  });

  test('keeps where its signature stands, and has it in front when nobody said', async () => {
    const { id: none } = await create({ signatureId: null, placement: 'suffix' });
    expect(await find(none)).toMatchObject({ signatureId: null, placement: 'none' });
    await approveTemplate(desk, none);
    await edit(none, {});
    expect(await find(none)).toMatchObject({ placement: 'prefix' });
    await approveTemplate(desk, none);
    await edit(none, { placement: 'suffix' });
    await approveTemplate(desk, none);
    await edit(none, { placement: null });
    expect(await find(none)).toMatchObject({ placement: 'suffix' });
    await approveTemplate(desk, none);
    await edit(none, { signatureId: null });
    expect(await find(none)).toMatchObject({ signatureId: null, placement: 'none' });
  });

  test('is found by its owner and, for any business, by the administrator; listed newest first', async () => {
    const { id } = await create();
    expect(await find(id, other.businessId)).toBe(null);
    expect((await find(id, null))?.id).toBe(id);
    const listed = await desk.ask('listTemplates', { businessId: actor.businessId, page: { page: 1, pageSize: 1 } });
    expect(listed).toMatchObject({ items: [{ id }], total: 2 });
    const queue = await desk.ask('reviewQueue', { signaturesAfter: 0, templatesAfter: 0, limit: 10 });
    expect(queue.templates.map(({ item }) => item.id)).toEqual([id]);
  });

  test('is made with an own, approved signature only', async () => {
    expect(await refusalOf(create({ signatureId: 999 }))).toEqual({ code: 'signatureNotFound' });
    expect(await refusalOf(create({ signatureId: other.signatureId }))).toEqual({ code: 'signatureNotFound' });
    const pending = await pendingSignature();
    expect(await refusalOf(create({ signatureId: pending }))).toEqual({ code: 'signatureNotApproved' });
    await approveSignature(desk, pending);
    expect((await create({ signatureId: pending })).id).toBeGreaterThan(0);
    expect(await refusalOf(create({ signatureId: null }, { businessId: 999, admin: false }))).toEqual({
      code: 'businessNotFound',
    });
  });

  test('is edited by its owner, when decided and unused, to an own and approved signature', async () => {
    const id = sender.templateId;
    const pending = await pendingSignature();
    // The signature's owner comes before all about the template, its approval last.
    expect(await refusalOf(edit(999, { signatureId: other.signatureId }))).toEqual({ code: 'signatureNotFound' });
    expect(await refusalOf(edit(999, { signatureId: pending }))).toEqual({ code: 'templateNotFound' });
    expect(await refusalOf(edit(other.templateId))).toEqual({ code: 'templateNotFound' });
    expect(await refusalOf(edit(id, { signatureId: pending }))).toEqual({ code: 'signatureNotApproved' });
    await edit(id, { signatureId: null });
    expect(await refusalOf(edit(id, { signatureId: pending }))).toEqual({ code: 'templateInReview' });
    await approveTemplate(desk, id);
    await approveSignature(desk, pending);
    await edit(id, { signatureId: pending });
    expect((await find(id))?.signatureId).toBe(pending);
  });

  test('goes by its owner, under the signature it has', async () => {
    const id = sender.templateId;
    const { id: second } = await desk.do('createSignature', { actor, text: 'Second', source: 's', pics: [] });
    expect(await refusalOf(remove(id, other.signatureId))).toEqual({ code: 'signatureNotFound' });
    expect(await refusalOf(remove(999, sender.signatureId))).toEqual({ code: 'templateNotFound' });
    expect(await refusalOf(remove(other.templateId))).toEqual({ code: 'templateNotFound' });
    expect(await refusalOf(remove(id, second))).toEqual({ code: 'templateNotOfSignature' });
    await remove(id, sender.signatureId);
    expect(await refusalOf(remove(id))).toEqual({ code: 'templateNotFound' });
    expect(await refusalOf(review(id, 'approved'))).toEqual({ code: 'templateNotFound' });
  });

  test('is decided by the administrator only', async () => {
    const { id } = await create();
    expect(await refusalOf(review(id, 'approved', '', actor))).toEqual({ code: 'adminOnly' });
    expect(await refusalOf(review(999, 'approved'))).toEqual({ code: 'templateNotFound' });
  });

  test('is not touched while a plan names it', async () => {
    const id = sender.templateId;
    const planId = await accept(desk, sender, 1);
    expect(await refusalOf(edit(id))).toEqual({ code: 'templateInUse' });
    expect(await refusalOf(remove(id))).toEqual({ code: 'templateInUse' });
    expect(await refusalOf(review(id, 'rejected'))).toEqual({ code: 'templateInUse' });
    // A message whose outcome is unknown is still left.
    await open(desk, [{ planId, from: 0, to: 0 }]);
    await answerFailed(desk, { planId, index: 0 }, 'unknown');
    expect(await refusalOf(edit(id))).toEqual({ code: 'templateInUse' });
    await answerFailed(desk, { planId, index: 0 }, 'never');
    await edit(id);
  });

  test('that is changed is told about itself first where the dialect wants it so', async () => {
    const { id } = await create();
    const change = (of: number, signatureId: number, templateFirst: boolean) =>
      desk.do('editTemplate', { actor, id: of, fields: fields({ signatureId }), templateFirst });
    expect(await refusalOf(change(id, 999, false))).toEqual({ code: 'signatureNotFound' });
    expect(await refusalOf(change(id, 999, true))).toEqual({ code: 'templateInReview' });
    expect(await refusalOf(change(999, 999, true))).toEqual({ code: 'templateNotFound' });
    await review(id, 'approved');
    expect(await refusalOf(change(id, 999, true))).toEqual({ code: 'signatureNotFound' });
    expect(await refusalOf(change(id, other.signatureId, true))).toEqual({ code: 'signatureNotFound' });
    expect(await refusalOf(change(id, await pendingSignature(), true))).toEqual({ code: 'signatureNotApproved' });
  });

  test('is shown with the signature it names', async () => {
    const { id } = await create({ signatureId: null });
    const signed = (of: number | null, businessId = actor.businessId) =>
      desk.ask('signedTemplates', { businessId, id: of });
    expect(await signed(null)).toMatchObject([
      { template: { id }, signature: null },
      { template: { id: sender.templateId }, signature: { id: sender.signatureId } },
    ]);
    expect(await signed(sender.templateId)).toMatchObject([{ signature: { id: sender.signatureId } }]);
    expect(await signed(id)).toMatchObject([{ signature: null }]);
    expect(await signed(id, other.businessId)).toEqual([]);
  });
});
