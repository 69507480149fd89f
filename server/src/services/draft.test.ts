import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ADMIN, refusalOf, TestDesk } from '../../test/desk.ts';
import { openSender, type Sender } from '../../test/traffic.ts';
import { draftFile, type FileToSend, removeStaged } from './drafting.ts';

const HOUR_MS = 3_600_000;

let desk: TestDesk;
let sender: Sender;
let folder: string;

beforeEach(async () => {
  desk = await TestDesk.open();
  sender = await openSender(desk);
  folder = mkdtempSync(join(tmpdir(), 'signet-draft-'));
});
afterEach(async () => {
  await desk.close();
  rmSync(folder, { recursive: true });
});

const numbers = (count: number) => Array.from({ length: count }, (_, i) => 13_800_138_000 + i).join('\n');

function draft(text: string, change: Partial<FileToSend> = {}): Promise<number> {
  const path = join(folder, 'file.csv');
  writeFileSync(path, text);
  return draftFile(desk, {
    request: {
      businessId: sender.businessId,
      dialect: 'native',
      name: '',
      templateId: sender.templateId,
      unsetVariables: 'refuse',
      startAt: null,
      customArgs: null,
    },
    file: { path, bytes: text.length, sha256: '' },
    wishes: { country: 'CN', mapping: {}, shared: {} },
    maxRows: 10_000,
    idempotency: null,
    ...change,
  });
}

const actor = () => ({ businessId: sender.businessId, admin: false });
const find = (planId: number) => desk.ask('findDraft', { businessId: null, planId });

describe('a draft', () => {
  test('of many chunks has its messages in the order of the file, and no credits reserved', async () => {
    const before = await desk.ask('balanceOf', { businessId: sender.businessId });
    const planId = await draft(`mobile\nx\n${numbers(2_345)}\n`);
    const { plan, draft: row } = (await find(planId))!;
    expect(plan).toMatchObject({
      state: 'draft',
      total: 2_346,
      accepted: 2_345,
      left: 2_345,
      sendable: 0,
      startAt: null,
    });
    expect(row).toMatchObject({ credits: 2_345, expiresAt: desk.clock.now() + 24 * HOUR_MS });
    const rows = await desk.ask('messagesOfPlan', { planId, after: -1, limit: 5_000 });
    expect(rows.map(({ index, recipient }) => recipient - index)).toEqual(Array(2_345).fill(8_613_800_138_000));
    expect(await desk.ask('balanceOf', { businessId: sender.businessId })).toEqual(before);
    expect(await desk.faults()).toEqual([]);
  });

  test('is confirmed: its credits are reserved, the runner is told, and its time is set', async () => {
    const planId = await draft(`mobile\n${numbers(3)}`);
    desk.notices.length = 0;
    await desk.newEvents();
    const startAt = desk.clock.now() + HOUR_MS;
    const plan = await desk.do('confirmDraft', { actor: actor(), planId, startAt });
    expect(plan).toMatchObject({ state: 'pending', startAt, expiresAt: expect.any(Number) });
    expect(plan.expiresAt).toBeGreaterThan(startAt);
    expect(desk.notices).toContainEqual({ kind: 'plansToRun' });
    expect((await desk.newEvents()).map(({ body }) => body)).toMatchObject([
      { kind: 'plan.state', plans: [planId], state: 'pending' },
    ]);
    expect(await desk.faults()).toEqual([]);
    const again = await desk.do('confirmDraft', { actor: actor(), planId, startAt: null });
    expect(again).toMatchObject({ state: 'pending', startAt });
    expect((await desk.ask('balanceOf', { businessId: sender.businessId }))!.reserved).toBe(3);
    expect((await find(planId))!.draft.expiresAt).toBe(null);
  });

  test('is refused for a time too far ahead, without rows, and to others', async () => {
    const planId = await draft(`mobile\n${numbers(1)}`);
    const confirm = (change: object) =>
      refusalOf(desk.do('confirmDraft', { actor: actor(), planId, startAt: null, ...change }));
    expect(await confirm({ startAt: desk.clock.now() + 400 * 24 * HOUR_MS })).toMatchObject({ field: 'start_at' });
    expect(await confirm({ actor: { businessId: 999, admin: false } })).toEqual({ code: 'planNotFound' });
    expect(await confirm({ planId: planId + 1 })).toEqual({ code: 'planNotFound' });
    const empty = await draft('mobile\nhello\n', {
      wishes: { country: 'CN', mapping: {}, shared: {}, numberColumn: 'mobile' },
    });
    expect(await confirm({ planId: empty })).toMatchObject({ code: 'fileRefused' });
    expect((await find(planId))!.plan.state).toBe('draft');
  });

  test('is found expired after a day, and can be removed with all it holds', async () => {
    const planId = await draft(`mobile\nx\n${numbers(6_000)}`);
    desk.clock.advance(24 * HOUR_MS - 1);
    expect(await desk.ask('expiredDrafts', { at: desk.clock.now(), limit: 10 })).toEqual([]);
    desk.clock.advance(1);
    expect(await desk.ask('expiredDrafts', { at: desk.clock.now(), limit: 10 })).toEqual([planId]);
    await desk.do('discardDraft', { actor: null, planId });
    expect(await find(planId)).toBe(null);
    await removeStaged(desk, planId);
    expect(await desk.ask('messagesOfPlan', { planId, after: -1, limit: 1 })).toEqual([]);
    expect(await desk.ask('rejectedRows', { planId, after: -1, limit: 1 })).toEqual([]);
    expect(await refusalOf(desk.do('discardDraft', { actor: ADMIN, planId }))).toEqual({ code: 'planNotFound' });
  });

  test('survives a start that removes what was left half written', async () => {
    const kept = await draft(`mobile\n${numbers(3)}`);
    const opened = await desk.do('openDraft', {
      request: {
        businessId: sender.businessId,
        dialect: 'native',
        name: '',
        templateId: sender.templateId,
        unsetVariables: 'refuse',
        startAt: null,
        customArgs: null,
      },
      idempotency: null,
    });
    desk.restart();
    const { planId } = opened as { planId: number };
    expect(await desk.ask('stagedPlans', {})).toEqual([planId]);
    await removeStaged(desk, planId);
    expect((await find(kept))!.plan.state).toBe('draft');
    expect(await refusalOf(desk.do('addRejectedRows', { planId, piece: 0, lines: '' }))).toEqual({
      code: 'planNotFound',
    });
  });

  test('is one, however many uploads with one key run at a time', async () => {
    const file = `mobile\n${numbers(1_500)}`;
    const idempotency = { route: 'file', key: 'once', bodyHash: 'same' };
    const ids = await Promise.all(Array.from({ length: 5 }, () => draft(file, { idempotency })));
    expect(new Set(ids).size).toBe(1);
    const drafts = await desk.ask('listPlans', { businessId: null, state: 'draft', before: null, limit: 10 });
    expect(drafts.map(({ id }) => id)).toEqual([ids[0]]);
    expect(await desk.ask('stagedPlans', {})).toEqual([]);
  });

  test('of a file that ends badly leaves nothing, however much was written', async () => {
    const broken = `mobile\n${numbers(3_000)}\n"never closed`;
    expect(await refusalOf(draft(broken))).toMatchObject({ code: 'fileRefused' });
    expect(await refusalOf(draft(`mobile\n${numbers(3_000)}`, { maxRows: 2_500 }))).toMatchObject({
      code: 'fileRefused',
    });
    expect(await desk.ask('listPlans', { businessId: null, state: 'draft', before: null, limit: 10 })).toEqual([]);
    expect(await desk.ask('stagedPlans', {})).toEqual([]);
  });
});
