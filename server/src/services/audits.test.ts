import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { refusalOf, TestDesk } from '../../test/desk.ts';
import { receive, received } from '../../test/inbound.ts';
import { accept, NUMBER, openSender, type Sender, templateFields } from '../../test/traffic.ts';
import type { AuditEntry } from '../domain/audit.ts';
import type { Caller } from '../domain/credential.ts';
import { DEFAULT_HTTP_SETTINGS } from '../domain/http-settings.ts';
import { MEMBER_PERMISSIONS } from '../domain/role.ts';
import { DEFAULT_SMPP_SETTINGS } from '../domain/smpp-settings.ts';
import { sha256 } from '../lib/random.ts';
import { hotp, totpStep } from '../lib/totp.ts';
import type { Audit } from './audit.ts';
import { audits } from './audits.ts';
import { draftFile } from './drafting.ts';
import type { ActorRef } from './verb.ts';
import { single } from './verb.ts';

const AT_HOME: Caller = { kind: 'member', id: 77, name: 'ada', address: '192.0.2.7', via: 'console' };
const ROOT: ActorRef = { businessId: 1, admin: true, caller: AT_HOME };
const FROM = { address: '192.0.2.7', agent: 'Browser/1' };
/** Stands wherever something has a secret. */
const SECRET = 'S3CRET-octets-nobody-sees';

let desk: TestDesk;
let sender: Sender;
let own: ActorRef;
let folder: string;
beforeEach(async () => {
  desk = await TestDesk.open();
  sender = await openSender(desk, { credits: 1_000 });
  own = { ...sender.actor, caller: { ...AT_HOME, via: 'tsms' } };
  folder = mkdtempSync(join(tmpdir(), 'signet-audit-'));
});
afterEach(async () => {
  await desk.close();
  rmSync(folder, { recursive: true });
});

const log = async (filter = {}): Promise<AuditEntry[]> =>
  (await desk.ask('listAudit', { filter, before: null, limit: 1_000 })).reverse();
const lastEntry = async (): Promise<AuditEntry> => (await log()).at(-1)!;

async function draft(): Promise<number> {
  const path = join(folder, 'file.csv');
  writeFileSync(path, 'mobile\n13800138000\n');
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
    file: { path, bytes: 19, sha256: '' },
    wishes: { country: 'CN', mapping: {}, shared: {} },
    maxRows: 10,
    idempotency: null,
  });
}

/** Does everything that can be asked for, once at least, with secrets wherever there are any. */
async function doEverything(): Promise<void> {
  const passwordHash = SECRET;
  const { businessId } = sender;
  const business = { businessId };
  await desk.do('createBusiness', {
    actor: ROOT,
    name: 'acme',
    passwordHash,
    defaultCountry: null,
    timeZone: null,
    credits: 5,
    firstKey: { key: 'sk_first', secretHash: sha256(SECRET) },
  });
  await desk.do('setAdminPassword', { passwordHash });
  await desk.do('setBusinessState', { actor: ROOT, business, state: 'suspended' });
  await desk.do('setBusinessState', { actor: ROOT, business, state: 'active' });
  await desk.do('setPassword', { actor: own, business, passwordHash });
  await desk.do('setWeight', { actor: ROOT, business, weight: 3 });
  await desk.do('setTimeZone', { actor: own, business, timeZone: 'Europe/Berlin' });
  await desk.do('setLowBalance', { actor: own, business, credits: 5 });
  await desk.do('setPayOnDelivery', { actor: ROOT, business, on: true });
  await desk.do('topUp', { actor: ROOT, business, credits: 10, reason: 'invoice 1' });
  await desk.do('correctBalance', { actor: ROOT, business, credits: -1, reason: 'a mistake' });

  const key = await desk.do('createCredential', {
    actor: own,
    businessId,
    key: 'sk_key',
    secretHash: sha256(SECRET),
    description: '',
    permissions: ['send'],
    expiresAt: null,
    allowedAddresses: [],
  });
  await desk.do('editCredential', { actor: own, id: key.id, edit: { description: 'shop' } });
  await desk.do('setCredentialState', { actor: own, id: key.id, state: 'disabled' });
  await desk.do('deleteCredential', { actor: own, id: key.id });

  const newcomer = { businessId, name: 'eve', role: 'viewer' as const };
  const { id: memberId } = await desk.do('createMember', { actor: own, member: newcomer, passwordHash });
  await desk.do('editMember', { actor: own, id: memberId, edit: { role: 'owner' } });
  await desk.do('resetMemberPassword', { actor: own, id: memberId, passwordHash });
  for (const [name, token] of [
    ['bob', 'one'],
    ['joe', 'two'],
  ] as const) {
    const member = { ...newcomer, name };
    await desk.do('createInvite', { actor: own, member, tokenHash: sha256(token) });
  }
  await desk.do('acceptInvite', { tokenHash: sha256('one'), passwordHash, address: FROM.address });
  const [open] = await desk.ask('listInvites', { businessId, now: desk.clock.now() });
  await desk.do('deleteInvite', { actor: own, id: open!.id });

  const login = { memberId };
  const session = { login, passwordHash, code: null, tokenHash: sha256('a'), from: FROM };
  await desk.do('noteFailedSignIn', { login, why: 'password', failures: 1, address: FROM.address, via: 'console' });
  const first = await desk.do('openSession', session);
  const signedIn = { ...own, session: { id: first.id, memberId, permissions: MEMBER_PERMISSIONS } };
  const changed = await desk.do('changeOwnPassword', {
    actor: signedIn,
    presentHash: passwordHash,
    passwordHash: `${SECRET} 2`,
    tokenHash: sha256('b'),
    from: FROM,
  });
  const totp = Buffer.from(SECRET.slice(0, 20));
  const code = (steps: number) => hotp(totp, totpStep(desk.clock.now()) + steps);
  await desk.do('beginSecondFactor', { actor: signedIn, secret: totp });
  await desk.do('confirmSecondFactor', {
    actor: { ...signedIn, session: { ...signedIn.session, id: changed.id } },
    code: code(0),
  });
  await desk.do('removeSecondFactor', { actor: signedIn, code: code(1) });
  await desk.do('noteReveal', { actor: signedIn, request: 'GET /messages?plan_id=1' });
  await desk.do('endSession', { actor: signedIn, id: changed.id });
  await desk.do('deleteMember', { actor: own, id: memberId });

  const { id: signatureId } = await desk.do('createSignature', { actor: own, text: 'Shop', source: 's', pics: [] });
  await desk.do('reviewSignature', { actor: ROOT, id: signatureId, verdict: { state: 'rejected', reason: 'why' } });
  await desk.do('editSignature', { actor: own, id: signatureId, text: 'Store', source: null, pics: null });
  await desk.do('deleteSignature', { actor: own, id: signatureId });
  await desk.do('keepPicture', { actor: own, octets: Uint8Array.of(0xff, 0xd8, 0xff) });
  const fields = templateFields(sender.signatureId, 'Hello');
  const { id: templateId } = await desk.do('createTemplate', { actor: own, fields });
  await desk.do('reviewTemplate', { actor: ROOT, id: templateId, verdict: { state: 'approved', reason: '' } });
  await desk.do('editTemplate', { actor: own, id: templateId, fields: { ...fields, text: 'Hi' } });
  await desk.do('deleteTemplate', { actor: own, id: templateId, signatureId: null });

  await desk.do('discardDraft', { actor: own, planId: await draft() });
  await desk.do('confirmDraft', { actor: own, planId: await draft(), startAt: null });
  const planId = await accept(desk, sender, 1);
  for (const verb of ['pausePlan', 'resumePlan', 'cancelPlan'] as const) await desk.do(verb, { actor: own, planId });

  const smpp = { ...DEFAULT_SMPP_SETTINGS, host: 'smsc.example', port: 2775, systemId: 'us', password: SECRET };
  const { id: channelId } = await desk.do('createChannel', { actor: ROOT, name: 'main', enabled: true, smpp });
  await desk.do('editChannel', { actor: ROOT, id: channelId, smpp: { password: `${SECRET}!`, window: 5 } });
  const provider = {
    ...structuredClone(DEFAULT_HTTP_SETTINGS),
    url: 'https://p.example',
    body: {},
    callbackToken: SECRET,
  };
  const http = await desk.do('createChannel', { actor: ROOT, name: 'p', enabled: false, http: provider });
  await desk.do('renewCallback', { actor: ROOT, id: http.id, token: `${SECRET}!`, overlapHours: 1 });
  await desk.do('testChannel', { actor: ROOT, id: channelId, recipient: 8_613_800_138_000, text: 'Hello' });
  const route = {
    name: 'all',
    enabled: true,
    countries: [],
    prefixes: [],
    categories: [],
    businesses: [],
    targets: [{ channelId, weight: 1 }],
    fallback: [],
    sticky: false,
  };
  const { id: routeId } = await desk.do('createRoute', { actor: ROOT, fields: route, position: null });
  await desk.do('editRoute', { actor: ROOT, id: routeId, fields: { sticky: true }, position: null });
  await desk.do('deleteRoute', { actor: ROOT, id: routeId });
  const row = { prefix: '86', category: null, validFrom: desk.clock.now() };
  await desk.do('putPrices', { actor: ROOT, businessId, rows: [{ ...row, credits: 2 }] });
  const [price] = await desk.read((reader) => reader.prices.of(businessId));
  await desk.do('removePrice', { actor: ROOT, id: price!.id });
  await desk.do('putCosts', { actor: ROOT, channelId, rows: [{ ...row, micros: 30_000, currency: 'EUR' }] });
  const [cost] = await desk.read((reader) => reader.costs.of(channelId));
  await desk.do('removeCost', { actor: ROOT, id: cost!.id });
  await desk.do('rebuildFigures', { actor: ROOT, from: 0, to: 900_000 });

  const webhook = await desk.do('createWebhook', {
    actor: own,
    businessId,
    fields: { url: 'https://example.com/hook', callbacks: ['delivered'], username: 'acme', description: '' },
    secrets: { secret: SECRET, authorization: SECRET },
  });
  await desk.do('editWebhook', { actor: own, id: webhook.id, fields: {}, secrets: { secret: `${SECRET}!` } });
  const delivery = { id: 1, pieces: [], rows: 1, since: desk.clock.now() };
  await desk.store.transact((tx) => tx.webhooks.addDeliveries(webhook.id, [delivery], desk.clock.now()));
  const task = { kind: 'delivery', key: delivery.id, index: 0 } as const;
  for (const verb of ['requeueTask', 'revokeTask', 'retryTask'] as const)
    await desk.do(verb, { actor: ROOT, id: task });
  const queue = 'webhooks';
  await desk.do('pauseQueue', { actor: ROOT, queue, reason: 'a look' });
  await desk.do('resumeQueue', { actor: ROOT, queue });
  await desk.do('setWebhookState', { actor: own, id: webhook.id, state: 'disabled' });
  await desk.do('deleteWebhook', { actor: own, id: webhook.id });

  await receive(desk, { text: 'hello' });
  const [message] = await received(desk);
  await desk.do('assignInbound', { actor: ROOT, id: message!.id, businessId });
  const number = await desk.do('addInboundNumber', { actor: ROOT, number: '1069*', channelId, businessId });
  await desk.do('deleteInboundNumber', { actor: ROOT, id: number.id });
  const word = { actor: own, businessId, word: 'info', shared: false, templateId: null };
  const keyword = await desk.do('addKeyword', word);
  await desk.do('deleteKeyword', { actor: own, id: keyword.id });
  const listed = { actor: own, list: 'opt-out', businessId, recipients: [NUMBER], note: 'asked us' } as const;
  await desk.do('editList', { ...listed, change: 'added' });
  await desk.do('setOptWords', { actor: own, businessId, words: { optOut: ['genug'] } });
  await desk.do('deleteChannel', { actor: ROOT, id: channelId });
}

describe('the audit log', () => {
  test('has every change that can be asked for, with who asked, and no secret', async () => {
    const before = (await log()).at(-1)!.id;
    await doEverything();
    const entries = (await log()).filter(({ id }) => id > before);
    const told = Object.values(audits).filter((audit) => typeof audit !== 'string') as Audit<never, never>[];
    expect(new Set(entries.map(({ action }) => action))).toEqual(new Set(told.map(({ action }) => action)));
    expect(JSON.stringify(entries)).not.toContain('S3CRET');
    expect(JSON.stringify(entries)).not.toContain(sha256(SECRET).toString('hex'));
    for (const entry of entries) {
      expect(entry.action.split('.')[1]).toBeTruthy();
      if (entry.action === 'business.password' && entry.by.kind === 'house') continue;
      expect([entry.action, entry.by.kind, entry.address]).toEqual([entry.action, 'member', '192.0.2.7']);
    }
    // The house: at the first start, and above.
    expect((await log()).filter(({ by }) => by.kind === 'house').map(({ action }) => action)).toContain(
      'business.password',
    );
  });

  test('shows what changed, whose it is, and who was behind it', async () => {
    const business = { businessId: sender.businessId };
    await desk.do('setWeight', { actor: ROOT, business, weight: 9 });
    expect(await lastEntry()).toEqual({
      id: expect.any(Number),
      at: desk.clock.now(),
      by: { kind: 'member', id: 77, name: 'ada', staff: true },
      address: '192.0.2.7',
      via: 'console',
      action: 'business.weight',
      object: 'business',
      objectId: String(sender.businessId),
      businessId: sender.businessId,
      before: { weight: 1 },
      after: { weight: 9 },
    });
    await desk.do('topUp', { actor: ROOT, business, credits: 7, reason: 'invoice' });
    const topUp = await lastEntry();
    expect((topUp.after!.available as number) - (topUp.before!.available as number)).toBe(7);
    expect(topUp.after).toMatchObject({ credits: 7, reason: 'invoice' });
    const { id } = await desk.do('createSignature', { actor: own, text: 'Shop', source: 'register', pics: ['a'] });
    expect(await lastEntry()).toMatchObject({
      action: 'signature.create',
      objectId: String(id),
      businessId: sender.businessId,
      via: 'tsms',
      by: { staff: false },
      before: null,
      after: { text: 'Shop', source: 'register', pics: ['a'], review: 'pending' },
    });
    await desk.do('deleteSignature', { actor: own, id });
    expect(await lastEntry()).toMatchObject({ before: { text: 'Shop' }, after: null });
  });

  test('has nothing of what was refused, nor of what broke', async () => {
    const before = await log();
    const weak = { businessId: sender.businessId, admin: false };
    const business = { businessId: sender.businessId };
    expect(await refusalOf(desk.do('setWeight', { actor: weak, business, weight: 9 }))).toEqual({ code: 'adminOnly' });
    expect(await refusalOf(desk.do('deleteChannel', { actor: ROOT, id: 99 }))).toEqual({ code: 'channelNotFound' });
    expect(await log()).toEqual(before);
    const breaking = await TestDesk.open({
      verbs: {
        forgetIdempotency: single(async () => {
          throw new Error('on purpose');
        }),
      },
    });
    const entries = async () =>
      (await breaking.ask('listAudit', { filter: {}, before: null, limit: 10 })).map(({ action }) => action);
    const settled = await breaking.together(
      ['setTimeZone', { actor: ROOT, business: { businessId: 1 }, timeZone: 'Asia/Shanghai' }],
      ['forgetIdempotency', {}],
    );
    // The batch fails, and its commands are tried one by one: the change is told once.
    expect(settled.map((each) => Object.keys(each)[0])).toEqual(['value', 'defect']);
    expect(await entries()).toEqual(['business.time-zone', 'business.password']);
    await breaking.close();
  });

  test('has nothing of what changed nothing: a list, a webhook, a draft that is confirmed again', async () => {
    const { businessId } = sender;
    const listed = { actor: own, list: 'opt-out', businessId, recipients: [NUMBER], note: '' } as const;
    await desk.do('editList', { ...listed, change: 'added' });
    const planId = await draft();
    await desk.do('confirmDraft', { actor: own, planId, startAt: null });
    const before = await log();
    await desk.do('editList', { ...listed, change: 'added' });
    await desk.do('confirmDraft', { actor: own, planId, startAt: null });
    expect(await log()).toEqual(before);
  });

  test('says whose the sessions are', async () => {
    await desk.do('openSession', {
      login: { businessId: sender.businessId },
      passwordHash: (await desk.read((reader) => reader.businesses.passwordHash(sender.businessId)))!,
      code: null,
      tokenHash: sha256('x'),
      from: FROM,
    });
    expect(await lastEntry()).toMatchObject({
      action: 'session.open',
      businessId: sender.businessId,
      by: { kind: 'business', id: sender.businessId, staff: false },
      via: 'console',
      after: FROM,
    });
  });
});
