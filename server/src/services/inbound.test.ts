import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ADMIN, refusalOf, TestDesk } from '../../test/desk.ts';
import { arrival, receive, received, SHORT_CODE } from '../../test/inbound.ts';
import { addTemplate, NUMBER, openSender, type Sender } from '../../test/traffic.ts';
import { MAX_WAITING_PARTS, PARTS_WAIT_MS } from '../domain/inbound.ts';
import { MAX_REPLIES_AN_HOUR, REPLY_EVERY_MS } from '../domain/keyword.ts';
import { DEFAULT_SMPP_SETTINGS } from '../domain/smpp-settings.ts';

let desk: TestDesk;
let sender: Sender;

beforeEach(async () => {
  desk = await TestDesk.open();
  sender = await openSender(desk, { credits: 100, category: 'marketing' });
});
afterEach(() => desk.close());

/** Makes messages to a number the sender's. */
const own = (number = SHORT_CODE, of = sender, channelId: number | null = null) =>
  desk.do('addInboundNumber', { actor: ADMIN, number, channelId, businessId: of.businessId });

const onOptOutList = async (businessId = sender.businessId, recipient = NUMBER) =>
  (await desk.ask('findListed', { list: 'opt-out', businessId, recipient })) !== null;

describe('an inbound message', () => {
  it('is stored with its event, for the business whose number it came in on', async () => {
    await own();
    await desk.newEvents();
    expect(await receive(desk, { text: 'hi 😀' })).toMatchObject({ stored: 1, unmatched: 0 });
    const [message] = await received(desk);
    expect(message).toEqual({
      id: expect.any(Number),
      channelId: 1,
      businessId: sender.businessId,
      from: `+${NUMBER}`,
      to: SHORT_CODE,
      text: 'hi 😀',
      parts: 1,
      missing: 0,
      kind: 'plain',
      keyword: '',
      replyPlanId: null,
      replyError: '',
      receivedAt: desk.clock.now(),
    });
    expect(await desk.newEvents()).toMatchObject([
      { businessId: sender.businessId, body: { kind: 'inbound.received', inboundId: message!.id, as: 'plain' } },
    ]);
  });

  it("is nobody's where no number and no keyword says whose; the administrator is told", async () => {
    await own('1069002');
    await desk.newEvents();
    expect(await receive(desk, {})).toMatchObject({ stored: 1, unmatched: 1 });
    expect(await received(desk)).toMatchObject([{ businessId: null }]);
    expect(await desk.newEvents()).toMatchObject([
      { businessId: ADMIN.businessId, body: { kind: 'inbound.received' } },
    ]);
  });

  it('is of the business whose number fits best, on its channel', async () => {
    const other = await openSender(desk);
    const { id: channelId } = await desk.do('createChannel', {
      actor: ADMIN,
      name: 'two',
      enabled: false,
      smpp: { ...DEFAULT_SMPP_SETTINGS, host: '127.0.0.1', port: 1, systemId: 'x', password: 'x' },
    });
    await own('1069*');
    await own(SHORT_CODE, other, channelId);
    await receive(desk, { channelId }, { channelId: channelId + 1 });
    expect((await received(desk)).map(({ businessId }) => businessId)).toEqual([other.businessId, sender.businessId]);
  });

  it('from a number without country is of the country of its business', async () => {
    await own();
    await receive(desk, { from: '13800138000' }, { from: 'Signet' }, { from: '10086' });
    expect((await received(desk)).map(({ from }) => from)).toEqual([`+${NUMBER}`, 'Signet', '10086']);
  });

  it('is shown to its business and the administrator', async () => {
    await own();
    await receive(desk, {});
    const { id } = (await received(desk))[0]!;
    expect(await desk.ask('findInbound', { businessId: sender.businessId, id })).toMatchObject({ id });
    expect(await desk.ask('findInbound', { businessId: null, id })).toMatchObject({ id });
    expect(await desk.ask('findInbound', { businessId: sender.businessId + 1, id })).toBe(null);
  });
});

describe('an SMS that is delivered again', () => {
  it('changes nothing, in one batch or two, also after a restart', async () => {
    const first = arrival(desk, { text: 'STOP' });
    expect(await desk.do('recordInbound', { messages: [first, first] })).toMatchObject({ stored: 1, repeated: 1 });
    desk.clock.advance(5_000);
    desk.restart();
    const again = { ...first, at: desk.clock.now(), linkSince: desk.clock.now() - 1_000 };
    expect(await desk.do('recordInbound', { messages: [again] })).toMatchObject({ stored: 0, repeated: 1 });
    expect(await received(desk)).toHaveLength(1);
  });

  it('is another one when it was answered before on the same link: people write the same twice', async () => {
    const first = arrival(desk);
    await desk.do('recordInbound', { messages: [first] });
    desk.clock.advance(10);
    const again = { ...first, at: desk.clock.now() };
    expect(await desk.do('recordInbound', { messages: [again] })).toMatchObject({ stored: 1, repeated: 0 });
  });

  it('is taken when the first could not be stored', async () => {
    const broken = await TestDesk.open({
      verbs: { fails: { priority: 2, rows: () => 1, run: () => Promise.reject(new Error('broken')) } },
    });
    const first = arrival(broken);
    const [inbound] = await broken.together(['recordInbound', { messages: [first] }], ['fails', {}]);
    // Alone it could be; what the failed batch had noted of it does not stand in its way.
    expect(inbound).toMatchObject({ value: { stored: 1, repeated: 0 } });
    expect(await received(broken)).toHaveLength(1);
    await broken.close();
  });

  it('is forgotten after an hour', async () => {
    const first = arrival(desk);
    await desk.do('recordInbound', { messages: [first] });
    expect(await desk.do('forgetInbound', { limit: 10 })).toEqual({ dropped: 0 });
    desk.clock.advance(3_600_001);
    expect(await desk.do('forgetInbound', { limit: 10 })).toEqual({ dropped: 1 });
    const again = { ...first, at: desk.clock.now(), linkSince: desk.clock.now() };
    expect(await desk.do('recordInbound', { messages: [again] })).toMatchObject({ stored: 1 });
  });
});

describe('a text in parts', () => {
  const part = (index: number, text: string, change = {}) => ({
    part: { reference: 7, total: 3, index },
    text,
    ...change,
  });

  it('is one message once all are there, in whatever order, and cut inside a character', async () => {
    await own();
    const at = desk.clock.now() + 1;
    expect(await receive(desk, part(3, '\ude00!'), part(1, 'one '))).toMatchObject({ stored: 0, waiting: 2 });
    desk.restart();
    expect(await receive(desk, part(2, 'two \ud83d'))).toMatchObject({ stored: 1, waiting: 0 });
    expect(await received(desk)).toMatchObject([{ text: 'one two 😀!', parts: 3, missing: 0, receivedAt: at }]);
  });

  it('is not mixed with one of another sender, number, channel or reference', async () => {
    await receive(
      desk,
      part(1, 'a'),
      part(2, 'b', { from: `+${NUMBER + 1}` }),
      part(2, 'b', { to: '1' }),
      part(2, 'b', { channelId: 2 }),
      { part: { reference: 8, total: 3, index: 2 } },
      { part: { reference: 7, total: 2, index: 2 } },
    );
    expect(await received(desk)).toEqual([]);
  });

  it('takes a part that comes twice once', async () => {
    expect(await receive(desk, part(1, 'a'), part(1, 'a'), part(2, 'b'))).toMatchObject({ waiting: 2, repeated: 1 });
    await receive(desk, part(3, 'c'));
    expect(await received(desk)).toMatchObject([{ text: 'abc' }]);
  });

  it('begins anew where another text has the same reference', async () => {
    await receive(desk, part(1, 'a'), part(2, 'b'), part(1, 'A'));
    expect(await received(desk)).toMatchObject([{ text: 'ab', parts: 3, missing: 1 }]);
    await receive(desk, part(2, 'B'), part(3, 'C'));
    expect(await received(desk)).toMatchObject([{ text: 'ab' }, { text: 'ABC', missing: 0 }]);
  });

  it('is stored as far as it came after an hour, marked, and says nothing that counts', async () => {
    await own();
    await receive(desk, { part: { reference: 7, total: 2, index: 1 }, text: 'STOP' });
    desk.clock.advance(PARTS_WAIT_MS - 1);
    expect(await desk.do('finishInbound', { limit: 10 })).toEqual({ finished: 0 });
    desk.clock.advance(2);
    expect(await desk.do('finishInbound', { limit: 10 })).toEqual({ finished: 1 });
    expect(await received(desk)).toMatchObject([
      { text: 'STOP', parts: 2, missing: 1, kind: 'plain', businessId: sender.businessId },
    ]);
    expect(await onOptOutList()).toBe(false);
    expect(await desk.do('finishInbound', { limit: 10 })).toEqual({ finished: 0 });
  });

  it('whose first part came too long ago is two', async () => {
    await receive(desk, { part: { reference: 7, total: 2, index: 1 }, text: 'a' });
    desk.clock.advance(PARTS_WAIT_MS + 1);
    await receive(desk, { part: { reference: 7, total: 2, index: 2 }, text: 'b' });
    expect(await received(desk)).toMatchObject([{ text: 'a', missing: 1 }]);
  });

  it('is stored as it is when too many wait', async () => {
    const messages = Array.from({ length: MAX_WAITING_PARTS + 2 }, (_, reference) =>
      arrival(desk, { part: { reference, total: 2, index: 1 }, text: String(reference) }),
    );
    await desk.do('recordInbound', { messages });
    expect(await received(desk)).toMatchObject([
      { text: '0', missing: 1 },
      { text: '1', missing: 1 },
    ]);
  });

  it('may opt out', async () => {
    await own();
    await receive(
      desk,
      { part: { reference: 1, total: 2, index: 1 }, text: 'ST' },
      { part: { reference: 1, total: 2, index: 2 }, text: 'OP' },
    );
    expect(await received(desk)).toMatchObject([{ kind: 'opt-out' }]);
    expect(await onOptOutList()).toBe(true);
  });
});

describe('words', () => {
  it('opt out of the business they come to, and in again, once', async () => {
    await own();
    const other = await openSender(desk);
    await desk.newEvents();
    expect(await receive(desk, { text: ' td。' }, { text: 'STOP' })).toMatchObject({ stored: 2, optedOut: 1 });
    expect([await onOptOutList(), await onOptOutList(other.businessId)]).toEqual([true, false]);
    const change = { kind: 'list.changed', list: 'opt-out', count: 1, source: 'reply', recipient: NUMBER };
    expect((await desk.newEvents()).map(({ body }) => body)).toMatchObject([
      { ...change, change: 'added' },
      { kind: 'inbound.received', as: 'opt-out' },
      { kind: 'inbound.received', as: 'opt-out' },
    ]);
    expect(await receive(desk, { text: 'start' }, { text: 'start' })).toMatchObject({ optedIn: 1 });
    expect(await onOptOutList()).toBe(false);
  });

  it("are the business's own where it has some", async () => {
    await own();
    const words = { optOut: ['Nein danke'], optIn: null };
    await desk.do('setOptWords', { actor: sender.actor, businessId: sender.businessId, words });
    expect(await receive(desk, { text: 'STOP' })).toMatchObject({ optedOut: 0 });
    expect(await receive(desk, { text: 'nein danke!' })).toMatchObject({ optedOut: 1 });
  });

  it('mean nothing from a sender without number, or to nobody', async () => {
    expect(await receive(desk, { text: 'STOP' })).toMatchObject({ unmatched: 1, optedOut: 0 });
    await own();
    expect(await receive(desk, { text: 'STOP', from: 'Shop' })).toMatchObject({ unmatched: 0, optedOut: 0 });
    expect((await received(desk)).map(({ kind }) => kind)).toEqual(['opt-out', 'plain']);
  });

  it("at nobody's number mean the business that wrote last, and nothing else does", async () => {
    const lastWriter = sender.businessId;
    expect(await receive(desk, { text: 'hello', lastWriter })).toMatchObject({ unmatched: 1 });
    expect(await receive(desk, { text: 'STOP', lastWriter: null })).toMatchObject({ unmatched: 1, optedOut: 0 });
    expect(await receive(desk, { text: 'STOP', lastWriter: 4_711 })).toMatchObject({ unmatched: 1, optedOut: 0 });
    expect(await receive(desk, { text: 'STOP', lastWriter })).toMatchObject({ unmatched: 0, optedOut: 1 });
    const listed = { list: 'opt-out', businessId: sender.businessId, recipient: NUMBER } as const;
    expect(await desk.ask('findListed', listed)).toMatchObject({
      source: 'reply',
      note: expect.stringContaining('last'),
    });
    expect(await receive(desk, { text: 'START', lastWriter })).toMatchObject({ unmatched: 0, optedIn: 1 });
    expect((await received(desk)).map(({ businessId, kind }) => [businessId, kind])).toEqual([
      [null, 'plain'],
      [null, 'opt-out'],
      [null, 'opt-out'],
      [sender.businessId, 'opt-out'],
      [sender.businessId, 'opt-in'],
    ]);
  });

  it('at a number that is somebody’s mean its business, whoever wrote last', async () => {
    await own();
    const other = await openSender(desk);
    await receive(desk, { text: 'STOP', lastWriter: other.businessId });
    expect([await onOptOutList(), await onOptOutList(other.businessId)]).toEqual([true, false]);
  });

  it('that the business does not know do not make it the one that is meant', async () => {
    const words = { optOut: ['Nein danke'], optIn: null };
    await desk.do('setOptWords', { actor: sender.actor, businessId: sender.businessId, words });
    const lastWriter = sender.businessId;
    expect(await receive(desk, { text: 'STOP', lastWriter })).toMatchObject({ unmatched: 1, optedOut: 0 });
  });

  it.each([
    [{ optOut: [], optIn: null }, 'opt_out'],
    [{ optOut: ['!'], optIn: null }, 'opt_out'],
    [{ optOut: ['x'.repeat(41)], optIn: null }, 'opt_out'],
    [{ optOut: Array.from({ length: 51 }, (_, i) => `w${i}`), optIn: null }, 'opt_out'],
    [{ optOut: ['a'], optIn: ['Ａ'] }, 'opt_in'],
  ])('%j are refused', async (words, field) => {
    const refused = desk.do('setOptWords', { actor: sender.actor, businessId: sender.businessId, words });
    expect(await refusalOf(refused)).toMatchObject({ code: 'invalidField', field });
  });
});

describe('a keyword', () => {
  const keyword = (word: string, change: { shared?: boolean; templateId?: number | null; of?: Sender } = {}) =>
    desk.do('addKeyword', {
      actor: ADMIN,
      businessId: (change.of ?? sender).businessId,
      word,
      shared: change.shared ?? false,
      templateId: change.templateId ?? null,
    });
  /** A template without variables that a reply may be made of. */
  const answer = () => addTemplate(desk, sender.actor, sender.signatureId, 'Thank you', 'notification');

  it("that is shared makes messages to nobody's numbers the business's", async () => {
    const other = await openSender(desk);
    await own('1069002', other);
    await keyword('join', { shared: true });
    await receive(desk, { text: 'Join now' }, { text: 'JOIN', to: '1069002' }, { text: 'joining' });
    expect(await received(desk)).toMatchObject([
      { businessId: sender.businessId, kind: 'keyword', keyword: 'JOIN' },
      { businessId: other.businessId, kind: 'plain', keyword: '' },
      { businessId: null, kind: 'plain' },
    ]);
  });

  it("that is not shared is only looked for in the business's own messages", async () => {
    await keyword('join');
    await receive(desk, { text: 'join' });
    await own();
    await receive(desk, { text: 'join' });
    expect((await received(desk)).map(({ kind }) => kind)).toEqual(['plain', 'keyword']);
  });

  it('is answered with its template, as a message like any other', async () => {
    await own();
    const templateId = await answer();
    await keyword('info', { templateId });
    expect(await receive(desk, { text: 'info' })).toMatchObject({ stored: 1, replied: 1 });
    const [message] = await received(desk);
    const plan = await desk.ask('findPlan', { businessId: sender.businessId, id: message!.replyPlanId! });
    expect(plan).toMatchObject({ plan: { templateId, accepted: 1, customArgs: `{"inbound_id":"${message!.id}"}` } });
    expect(await desk.ask('balanceOf', { businessId: sender.businessId })).toMatchObject({
      available: 99,
      reserved: 1,
    });
    expect(await desk.faults()).toEqual([]);
  });

  it('is answered once in a while, and so often in an hour', async () => {
    await own();
    const templateId = await answer();
    await keyword('info', { templateId });
    expect(await receive(desk, { text: 'info' }, { text: 'info' })).toMatchObject({ replied: 1 });
    desk.restart();
    desk.clock.advance(REPLY_EVERY_MS - 100);
    expect(await receive(desk, { text: 'info' })).toMatchObject({ replied: 0 });
    desk.clock.advance(100);
    expect(await receive(desk, { text: 'info' })).toMatchObject({ replied: 1 });
    const words = Array.from({ length: MAX_REPLIES_AN_HOUR }, (_, i) => `word${i}`);
    for (const word of words) await keyword(word, { templateId });
    const counts = await receive(desk, ...words.map((text) => ({ text })));
    expect(counts.replied).toBe(MAX_REPLIES_AN_HOUR - 2);
    // Others have their own.
    expect(await receive(desk, { text: 'info', from: `+${NUMBER + 1}` })).toMatchObject({ replied: 1 });
  });

  it('is not answered to names, short codes, and numbers that messages come in on', async () => {
    await own();
    await own(String(NUMBER + 9));
    await keyword('info', { templateId: await answer() });
    const froms = ['Signet', '10086', `+${NUMBER + 9}`, String(NUMBER + 9)];
    expect(await receive(desk, ...froms.map((from) => ({ from, text: 'info' })))).toMatchObject({ replied: 0 });
  });

  it('whose answer is refused says why, and the message is stored', async () => {
    await own();
    const templateId = await answer();
    await keyword('info', { templateId });
    await desk.do('correctBalance', {
      actor: ADMIN,
      business: { businessId: sender.businessId },
      credits: -100,
      reason: 'test',
    });
    expect(await receive(desk, { text: 'info' })).toMatchObject({ stored: 1, replied: 0 });
    await desk.do('topUp', { actor: ADMIN, business: { businessId: sender.businessId }, credits: 100, reason: '' });
    await desk.do('reviewTemplate', { actor: ADMIN, id: templateId, verdict: { state: 'rejected', reason: '' } });
    await receive(desk, { text: 'info' });
    expect((await received(desk)).map(({ replyPlanId, replyError }) => [replyPlanId, replyError])).toEqual([
      [null, 'balanceTooLow'],
      [null, 'templateNotApproved'],
    ]);
    expect(await desk.faults()).toEqual([]);
  });

  it('may answer an opt-out', async () => {
    await own();
    await keyword('stop', { templateId: await answer() });
    expect(await receive(desk, { text: 'stop' })).toMatchObject({ optedOut: 1, replied: 1 });
    expect(await received(desk)).toMatchObject([{ kind: 'opt-out', keyword: 'STOP' }]);
  });

  it.each([
    ['two words', 'invalidField'],
    ['!', 'invalidField'],
    ['x'.repeat(41), 'invalidField'],
    ['ＪＯＩＮ', 'keywordTaken'],
  ])('%j is refused', async (word, code) => {
    await keyword('join');
    expect(await refusalOf(keyword(word))).toMatchObject({ code });
  });

  it('is shared by one business only, and by the administrator', async () => {
    const other = await openSender(desk);
    await keyword('join', { shared: true });
    expect(await refusalOf(keyword('join', { shared: true, of: other }))).toEqual({ code: 'keywordTaken' });
    const mine = { actor: other.actor, businessId: other.businessId, word: 'join', templateId: null };
    expect(await refusalOf(desk.do('addKeyword', { ...mine, shared: true }))).toEqual({ code: 'adminOnly' });
    const { id } = await desk.do('addKeyword', { ...mine, shared: false });
    expect(await refusalOf(desk.do('deleteKeyword', { actor: sender.actor, id }))).toEqual({ code: 'keywordNotFound' });
    await desk.do('deleteKeyword', { actor: other.actor, id });
    expect(await refusalOf(desk.do('deleteKeyword', { actor: other.actor, id }))).toEqual({ code: 'keywordNotFound' });
  });

  it("is answered only with a template of the business's own without variables", async () => {
    const other = await openSender(desk);
    expect(await refusalOf(keyword('a', { templateId: other.templateId }))).toEqual({ code: 'templateNotFound' });
    const named = await addTemplate(desk, sender.actor, sender.signatureId, 'Hello {name}', 'notification');
    expect(await refusalOf(keyword('a', { templateId: named }))).toMatchObject({ field: 'template_id' });
  });
});

describe('numbers', () => {
  it('are given once, by the administrator, to businesses and on channels that exist', async () => {
    await own();
    expect(await refusalOf(own())).toEqual({ code: 'inboundNumberTaken' });
    expect(await refusalOf(own('1', sender, 99))).toEqual({ code: 'channelNotFound' });
    expect(await refusalOf(own('1-2'))).toMatchObject({ code: 'invalidField', field: 'number' });
    const mine = { actor: sender.actor, number: '5', channelId: null, businessId: sender.businessId };
    expect(await refusalOf(desk.do('addInboundNumber', mine))).toEqual({ code: 'adminOnly' });
    const nobodys = { ...mine, actor: ADMIN, businessId: 99 };
    expect(await refusalOf(desk.do('addInboundNumber', nobodys))).toEqual({ code: 'businessNotFound' });
  });

  it('that are taken back are nobody’s', async () => {
    const { id } = await own();
    await desk.newEvents();
    await desk.do('deleteInboundNumber', { actor: ADMIN, id });
    expect(await desk.newEvents()).toMatchObject([{ body: { kind: 'inbound-number.changed', change: 'deleted' } }]);
    expect(await refusalOf(desk.do('deleteInboundNumber', { actor: ADMIN, id }))).toEqual({
      code: 'inboundNumberNotFound',
    });
    expect(await receive(desk, {})).toMatchObject({ unmatched: 1 });
  });
});

describe("a message that is nobody's", () => {
  const assign = (id: number, businessId = sender.businessId, actor = ADMIN) =>
    desk.do('assignInbound', { actor, id, businessId });

  it('is given to a business by the administrator, once, and does then what it says', async () => {
    await receive(desk, { text: 'STOP' }, { text: 'hello' }, { text: 'STOP', from: 'Shop' });
    const [stop, hello, shop] = (await received(desk)).map(({ id }) => id) as [number, number, number];
    await desk.newEvents();
    expect(await assign(stop)).toMatchObject({ id: stop, businessId: sender.businessId, kind: 'opt-out' });
    expect(await onOptOutList()).toBe(true);
    expect((await desk.newEvents()).map(({ businessId, body }) => [businessId, body])).toMatchObject([
      [sender.businessId, { kind: 'list.changed', change: 'added' }],
      [sender.businessId, { kind: 'inbound.received', inboundId: stop, as: 'opt-out' }],
    ]);
    expect(await assign(hello)).toMatchObject({ kind: 'plain' });
    expect(await assign(shop)).toMatchObject({ kind: 'plain' });
    expect((await received(desk)).map(({ businessId }) => businessId)).toEqual(Array(3).fill(sender.businessId));
    expect(await refusalOf(assign(stop))).toEqual({ code: 'inboundAssigned' });
  });

  it('is given by nobody else, and to nobody who is not there', async () => {
    await receive(desk, { text: 'STOP' });
    const { id } = (await received(desk))[0]!;
    expect(await refusalOf(assign(id, sender.businessId, sender.actor))).toEqual({ code: 'adminOnly' });
    expect(await refusalOf(assign(id, 4_711))).toEqual({ code: 'businessNotFound' });
    expect(await refusalOf(assign(id + 1))).toEqual({ code: 'inboundNotFound' });
    expect(await onOptOutList()).toBe(false);
  });
});
