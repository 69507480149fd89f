import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TEST_CERTIFICATE, TEST_KEY } from '../../test/certificate.ts';
import { Peer, until } from '../../test/peer.ts';
import { BindError, type EsmeOptions, EsmeSession } from '../esme.ts';
import { ManualClock } from '../lib/clock.ts';
import { seededRandom } from '../lib/random.ts';
import type { BodyInput, DeliverSm, Pdu, PduInput } from '../pdu/commands.ts';
import { REGISTERED_DELIVERY } from '../pdu/constants.ts';
import { STATUS } from '../pdu/statuses.ts';
import { parseReceipt, type Receipt } from '../receipt.ts';
import type { Answer } from '../session-contract.ts';
import { read } from './characters.ts';
import { type SimulatorOptions, startSimulator } from './index.ts';
import type { SubmitRecord, TakenText } from './log.ts';
import { bodyOfPart, pieceOf } from './parts.ts';
import type { Simulator } from './simulator.ts';

const START = Date.UTC(2026, 10, 21, 12, 0);

let clock: ManualClock;
let simulator: Simulator;
let closing: (() => unknown)[];

beforeEach(() => {
  clock = new ManualClock(START);
  closing = [];
});

afterEach(async () => {
  for (const close of closing.reverse()) await close();
});

async function start(options: SimulatorOptions = {}): Promise<Simulator> {
  simulator = await startSimulator({ clock, random: seededRandom(1), enquireLinkMs: 0, ...options });
  closing.push(() => simulator.close());
  return simulator;
}

/** An ESME that keeps what it gets, and answers deliver_sm unless told otherwise. */
class Client {
  readonly session: EsmeSession<number>;
  readonly answers: Answer<number>[] = [];
  readonly delivered: DeliverSm[] = [];
  deliverStatus: number | 'silent' = STATUS.ESME_ROK;
  closed = false;

  constructor(options: Partial<EsmeOptions>) {
    this.session = new EsmeSession({ host: '127.0.0.1', port: simulator.port, system_id: 'esme', ...options });
    closing.push(() => this.session.destroy());
    this.session.on('results', (batch) => this.answers.push(...batch));
    this.session.on('closed', () => {
      this.closed = true;
    });
    this.session.on('pdus', (pdus) => {
      this.delivered.push(...(pdus as DeliverSm[]));
      if (this.deliverStatus !== 'silent') this.session.respondMany(pdus, this.deliverStatus);
    });
  }

  submit(count: number, more: BodyInput<'submit_sm'> = {}): void {
    const requests = Array.from({ length: count }, (_, i) => ({
      source_addr: 'Signet',
      source_addr_ton: 5,
      destination_addr: `155501${String(i).padStart(2, '0')}`,
      dest_addr_ton: 1,
      dest_addr_npi: 1,
      registered_delivery: REGISTERED_DELIVERY.FINAL,
      short_message: 'hello',
      ...more,
    }));
    expect(
      this.session.submitMany(
        requests,
        requests.map((_, i) => i),
      ),
    ).toBe(count);
  }

  async answered(count: number): Promise<Answer<number>[]> {
    await until(() => this.answers.length >= count, `${count} answers have come`);
    return this.answers;
  }

  get receipts(): (Receipt | null)[] {
    return this.delivered.map((pdu) => parseReceipt(pdu));
  }

  async receipted(count: number): Promise<(Receipt | null)[]> {
    await until(() => this.delivered.length >= count, `${count} receipts have come`);
    return this.receipts;
  }
}

async function client(options: Partial<EsmeOptions> = {}): Promise<Client> {
  const made = new Client(options);
  await made.session.open();
  return made;
}

/** Moves time until a condition holds. */
async function advanceUntil(condition: () => boolean, what: string): Promise<void> {
  await until(() => {
    clock.advance(5);
    return condition();
  }, what);
}

describe('a simulator nobody has touched', () => {
  it('takes every message under a random hexadecimal id and reports it delivered', async () => {
    await start();
    const esme = await client();
    esme.submit(3);
    const answers = await esme.answered(3);
    expect(new Set(answers.map((each) => each.messageId)).size).toBe(3);
    for (const each of answers)
      expect(each).toMatchObject({ status: 0, messageId: expect.stringMatching(/^[0-9a-f]{16}$/) });
    expect(simulator.waiting).toBe(3);
    clock.advance(49);
    expect(simulator.stats.receiptsSent).toBe(0);
    clock.advance(10);
    const receipts = await esme.receipted(3);
    expect(receipts).toEqual(
      answers.map((each) => ({
        messageId: each.messageId,
        state: 'delivered',
        error: '000',
        submittedAt: START,
        text: expect.stringContaining(`id:${each.messageId} `),
        doneAt: START,
      })),
    );
    expect(esme.delivered[0]).toMatchObject({
      source_addr: '15550100',
      source_addr_ton: 1,
      source_addr_npi: 1,
      destination_addr: 'Signet',
      dest_addr_ton: 5,
      tlvs: { receipted_message_id: answers[0]!.messageId, message_state: 2 },
    });
    await until(() => simulator.stats.receiptsAnswered === 3, 'the receipts are answered');
    expect(simulator.stats).toMatchObject({
      submits: 3,
      accepted: 3,
      refused: 0,
      receiptsSent: 3,
      binds: 1,
      reconnects: 0,
    });
    expect(simulator.waiting).toBe(0);
  });

  it('reports what registered_delivery asks for', async () => {
    await start({ receiptDelayMs: 0, rules: [{ suffix: '1', receipt: 'undeliverable' }] });
    const esme = await client();
    esme.submit(2, { registered_delivery: REGISTERED_DELIVERY.NONE });
    esme.submit(2, { registered_delivery: REGISTERED_DELIVERY.FAILURE });
    esme.submit(1, { registered_delivery: REGISTERED_DELIVERY.FINAL });
    const receipts = await esme.receipted(2);
    expect(receipts.map((each) => each?.state)).toEqual(['undeliverable', 'delivered']);
    expect(simulator.stats).toMatchObject({ accepted: 5, receiptsSent: 2 });
  });

  it('refuses what it does not do', async () => {
    await start();
    const esme = await client();
    expect(await esme.session.request({ command: 'query_sm', message_id: 'x' })).toMatchObject({
      status: STATUS.ESME_RQUERYFAIL,
    });
    expect(await esme.session.request({ command: 'cancel_sm', message_id: 'x' })).toMatchObject({
      status: STATUS.ESME_RCANCELFAIL,
    });
    expect(await esme.session.request({ command: 'data_sm' })).toMatchObject({ status: STATUS.ESME_RINVCMDID });
  });
});

describe('knobs', () => {
  it('answerMs: answers later, grouped', async () => {
    await start({ answerMs: { min: 100, max: 200 }, receiptDelayMs: 1000 });
    const esme = await client();
    esme.submit(50);
    await until(() => simulator.stats.submits === 50, 'all have come');
    clock.advance(95);
    expect(esme.answers).toHaveLength(0);
    clock.advance(110);
    const answers = await esme.answered(50);
    expect(answers.every((each) => each.status === 0)).toBe(true);
  });

  it('receiptDelayMs: shorter than answerMs makes receipts early', async () => {
    await start({ answerMs: 500, receiptDelayMs: 20 });
    const esme = await client();
    esme.submit(1);
    await until(() => simulator.stats.submits === 1, 'it has come');
    clock.advance(30);
    const [receipt] = await esme.receipted(1);
    expect(esme.answers).toHaveLength(0);
    clock.advance(500);
    const [answer] = await esme.answered(1);
    expect(receipt?.messageId).toBe(answer?.messageId);
  });

  it('receipts: a mix of outcomes, some never reported', async () => {
    await start({ receiptDelayMs: 0, receipts: { delivered: 6, expired: 3, none: 1 } });
    const esme = await client();
    esme.submit(100);
    await esme.answered(100);
    await until(() => simulator.stats.receiptsAnswered === simulator.stats.receiptsSent, 'all receipts are taken');
    const states = esme.receipts.map((each) => each?.state);
    expect(new Set(states)).toEqual(new Set(['delivered', 'expired']));
    expect(states.length).toBeGreaterThan(70);
    expect(states.length).toBeLessThan(100);
  });

  it('rules: refusals, silence and outcomes by number', async () => {
    await start({
      receiptDelayMs: 0,
      rules: [
        { suffix: '00', status: 'ESME_RINVDSTADR' },
        { suffix: '01', status: 0x0422 },
        { suffix: '02', receipt: 'rejected' },
        { suffix: '03', receipt: 'none' },
        { suffix: '04', silent: true },
      ],
    });
    const esme = await client();
    esme.submit(6);
    const answers = await esme.answered(5);
    expect(answers.map((each) => [each.context, each.status])).toEqual([
      [0, STATUS.ESME_RINVDSTADR],
      [1, 0x0422],
      [2, 0],
      [3, 0],
      [5, 0],
    ]);
    const receipts = await esme.receipted(3);
    expect(receipts.map((each) => each?.state)).toEqual(['rejected', 'delivered', 'delivered']);
    expect(esme.delivered.map((each) => each.source_addr)).toEqual(['15550102', '15550104', '15550105']);
    expect(esme.session.unanswered).toBe(1);
    expect(simulator.stats).toMatchObject({ accepted: 4, refused: 2 });
  });

  it('throttle: more than the rate is throttled, second by second', async () => {
    await start({ throttle: { perSecond: 10 } });
    const esme = await client();
    esme.submit(15);
    await esme.answered(15);
    clock.advance(1000);
    esme.submit(12);
    const answers = await esme.answered(27);
    expect(answers.map((each) => each.status)).toEqual([
      ...Array(10).fill(0),
      ...Array(5).fill(STATUS.ESME_RTHROTTLED),
      ...Array(10).fill(0),
      ...Array(2).fill(STATUS.ESME_RTHROTTLED),
    ]);
    expect(simulator.stats).toMatchObject({ throttled: 7, refused: 7, accepted: 20 });
  });

  it('maxUnanswered: more is refused as a full queue', async () => {
    await start({ answerMs: 100, maxUnanswered: 4 });
    const esme = await client();
    esme.submit(6);
    await advanceUntil(() => esme.answers.length === 6, 'all are answered');
    expect(esme.answers.map((each) => each.status)).toEqual([0, 0, 0, 0, STATUS.ESME_RMSGQFUL, STATUS.ESME_RMSGQFUL]);
  });

  it('dropLink everyPdus: cuts the link with answers unsent, and what was taken is reported later', async () => {
    const records: SubmitRecord[] = [];
    await start({ receiptDelayMs: 0, dropLink: { everyPdus: 5 }, onSubmit: (batch) => records.push(...batch) });
    const esme = await client();
    esme.submit(8);
    await until(() => esme.closed, 'the link is cut');
    expect(esme.answers.map((each) => each.outcome)).toEqual(Array(8).fill('closed'));
    expect(records).toHaveLength(5);
    expect(simulator.stats).toMatchObject({ submits: 5, accepted: 5, linksDropped: 1 });
    const again = await client();
    const receipts = await again.receipted(5);
    expect(receipts.map((each) => each?.messageId)).toEqual(records.map((each) => each.messageId));
  });

  it('dropLink afterMs: cuts each link so long after its bind', async () => {
    await start({ dropLink: { afterMs: 1000 } });
    const esme = await client();
    clock.advance(999);
    expect(simulator.stats.linksDropped).toBe(0);
    clock.advance(1);
    await until(() => esme.closed, 'the link is cut');
    simulator.set({ dropLink: null });
    const again = await client();
    clock.advance(5000);
    again.submit(1);
    await again.answered(1);
    expect(simulator.stats).toMatchObject({ linksDropped: 1, reconnects: 1, binds: 2 });
  });

  it('dropLink by chance: cuts links now and then', async () => {
    await start({ dropLink: { chance: 0.2 } });
    for (let i = 0; simulator.stats.linksDropped < 3; i++) {
      const esme = await client({ system_id: `e${i}` });
      esme.submit(30);
      await until(() => esme.closed || esme.answers.length === 30, 'it is answered or cut');
    }
    expect(simulator.stats.submits).toBeGreaterThan(simulator.stats.linksDropped);
  });

  it('halfOpen: takes and answers nothing any more, and keeps the connection', async () => {
    await start({ receiptDelayMs: 20, halfOpen: { everyPdus: 3 } });
    const esme = await client({ enquireLinkMs: 0, responseTimeoutMs: 0 });
    esme.submit(2);
    await esme.answered(2);
    esme.submit(2);
    await until(() => simulator.stats.linksMuted === 1, 'the link is half open');
    const probe = esme.session.request({ command: 'query_sm', message_id: 'x' });
    clock.advance(100);
    const other = await client();
    await other.receipted(2);
    expect(esme.closed).toBe(false);
    expect([esme.answers.length, esme.delivered.length]).toEqual([2, 0]);
    expect(simulator.stats).toMatchObject({ submits: 2, accepted: 2 });
    esme.session.destroy();
    expect(await probe).toMatchObject({ outcome: 'closed' });
  });

  it('halfOpen afterMs: a link that hears nothing is given up by the ESME', async () => {
    await start({ halfOpen: { afterMs: 1000 } });
    const esme = await client({ clock, enquireLinkMs: 2000, responseTimeoutMs: 3000 });
    await advanceUntil(() => esme.closed, 'the ESME gives up');
    expect(simulator.stats.linksMuted).toBe(1);
  });

  it('garbage: PDUs without sense are answered, and everything else goes on', async () => {
    await start({ receiptDelayMs: 0, garbage: { pdus: 1, streams: 0 } });
    const esme = await client();
    for (let i = 1; i <= 40; i++) {
      esme.submit(1);
      await esme.answered(i);
    }
    await esme.receipted(40);
    expect(esme.receipts.every((each) => each?.state === 'delivered')).toBe(true);
    expect(simulator.stats.garbageSent).toBe(40);
  });

  it('garbage: a broken stream ends the session', async () => {
    await start({ garbage: { pdus: 0, streams: 1 } });
    for (let i = 0; i < 8; i++) {
      // Time stands still for the simulator only: some streams announce a PDU that never comes.
      const esme = await client({ enquireLinkMs: 50, responseTimeoutMs: 50 });
      esme.submit(1);
      await until(() => esme.closed, 'the ESME gives the link up');
    }
  });

  it('readPauseMs: reads on only after a while', async () => {
    await start({ readPauseMs: 100 });
    const esme = await client();
    esme.submit(1);
    await esme.answered(1);
    esme.submit(1);
    for (let i = 0; i < 20; i++) await new Promise(setImmediate);
    expect(simulator.stats.submits).toBe(1);
    await advanceUntil(() => simulator.stats.submits === 2, 'it reads on');
    await esme.answered(2);
  });

  it('rules: a share of the messages', async () => {
    await start({ rules: [{ share: 0.5, status: 'ESME_RMSGQFUL' }] });
    const esme = await client();
    esme.submit(100);
    const refused = (await esme.answered(100)).filter((each) => each.status === STATUS.ESME_RMSGQFUL);
    expect(refused.length).toBeGreaterThan(20);
    expect(refused.length).toBeLessThan(80);
  });

  it('earlyReceipts: before the answer, also where answers take no time', async () => {
    await start({ earlyReceipts: 1, receiptDelayMs: 1000 });
    const esme = await client();
    esme.submit(5);
    const receipts = await esme.receipted(5);
    expect(esme.answers).toHaveLength(0);
    await advanceUntil(() => esme.answers.length === 5, 'the answers come');
    expect(receipts.map((each) => each?.messageId)).toEqual(esme.answers.map((each) => each.messageId));
    expect(simulator.stats.receiptsEarly).toBe(5);
  });

  it('lateReceipts: some come after another delay', async () => {
    await start({ receiptDelayMs: 10, lateReceipts: { share: 0.5, delayMs: 60_000 } });
    const esme = await client();
    esme.submit(40);
    await esme.answered(40);
    clock.advance(1000);
    const { receiptsLate } = simulator.stats;
    expect(receiptsLate).toBeGreaterThan(5);
    await esme.receipted(40 - receiptsLate);
    expect(simulator.waiting).toBe(receiptsLate);
    clock.advance(60_000);
    await esme.receipted(40);
  });

  it('duplicateReceipts: come again, the same', async () => {
    await start({ receiptDelayMs: 10, duplicateReceipts: 1 });
    const esme = await client();
    esme.submit(3);
    await advanceUntil(() => esme.delivered.length === 6, 'all come twice');
    const ids = esme.receipts.map((each) => each!.messageId).sort();
    expect(ids).toEqual(esme.answers.flatMap(({ messageId }) => [messageId, messageId]).sort());
    expect(simulator.stats).toMatchObject({ receiptsSent: 6, receiptsDuplicated: 3 });
  });

  it('shuffleReceipts: those that leave together leave in any order', async () => {
    await start({ receiptDelayMs: 10, shuffleReceipts: true });
    const esme = await client();
    esme.submit(50);
    const answers = await esme.answered(50);
    clock.advance(20);
    const ids = (await esme.receipted(50)).map((each) => each!.messageId);
    const sent = answers.map((each) => each.messageId);
    expect(ids).not.toEqual(sent);
    expect([...ids].sort()).toEqual([...sent].sort());
  });

  it.each([
    ['each', [0, 1, 2], 3],
    ['shared-each', [0, 0, 0], 1],
    ['first', [0], 3],
    ['last', [2], 3],
    ['shared', [0], 1],
  ] as const)('partReceipts %s: receipts of a long message', async (partReceipts, named, distinct) => {
    await start({ receiptDelayMs: 0, partReceipts });
    const esme = await client();
    for (const number of [1, 2, 3]) {
      esme.submit(1, { esm_class: 0x40, short_message: Buffer.from([5, 0, 3, 77, 3, number, 0x41]) });
      await esme.answered(number);
    }
    esme.submit(1, { short_message: 'of one part' });
    await esme.answered(4);
    const ids = esme.answers.map((each) => each.messageId);
    const receipts = await esme.receipted(named.length + 1);
    expect(receipts.map((each) => each!.messageId)).toEqual([...named.map((i) => ids[i]), ids[3]]);
    expect(new Set(ids.slice(0, 3)).size).toBe(distinct);
    await until(() => simulator.stats.receiptsAnswered === named.length + 1, 'all are taken');
    expect(simulator.waiting).toBe(0);
  });

  it('receiptText: parameters alone', async () => {
    await start({ receiptDelayMs: 0, receiptText: false });
    const esme = await client();
    esme.submit(1);
    const [receipt] = await esme.receipted(1);
    expect(esme.delivered[0]?.short_message).toHaveLength(0);
    expect(receipt).toMatchObject({ state: 'delivered', messageId: esme.answers[0]?.messageId });
  });

  it('maxBinds and refuseBinds: keep sessions out', async () => {
    await start({ maxBinds: 2 });
    const refusal = (options: Partial<EsmeOptions>) => client(options).catch((error: BindError) => error);
    const first = await client();
    await client({ bindType: 'receiver' });
    expect(await refusal({})).toMatchObject({ status: STATUS.ESME_RALYBND });
    await client({ system_id: 'other' });
    await first.session.unbind();
    expect((await client()).session.state).toBe('bound_trx');
    simulator.set({ refuseBinds: 'ESME_RSYSERR' });
    expect(await refusal({ system_id: 'third' })).toMatchObject({ status: STATUS.ESME_RSYSERR });
  });

  it('ids: decimal', async () => {
    await start({ ids: 'decimal' });
    const esme = await client();
    esme.submit(1);
    expect((await esme.answered(1))[0]?.messageId).toMatch(/^[0-9]{18}$/);
  });

  it('receiptIds: decimal answers, hexadecimal receipts', async () => {
    await start({ ids: 'decimal', receiptIds: 'other-base', receiptDelayMs: 0 });
    const esme = await client();
    esme.submit(1);
    const [answer] = await esme.answered(1);
    const [receipt] = await esme.receipted(1);
    expect(receipt?.messageId).toBe(BigInt(answer!.messageId).toString(16));
  });

  it('receiptIds: in the other base', async () => {
    await start({ receiptIds: 'other-base', receiptDelayMs: 0 });
    const esme = await client();
    esme.submit(1);
    const [answer] = await esme.answered(1);
    const [receipt] = await esme.receipted(1);
    expect(receipt?.messageId).toBe(BigInt(`0x${answer!.messageId}`).toString());
  });

  it('receiptTlvs: text alone', async () => {
    await start({ receiptTlvs: false, receiptDelayMs: 0 });
    const esme = await client();
    esme.submit(1);
    const [receipt] = await esme.receipted(1);
    expect(esme.delivered[0]?.tlvs).toBeUndefined();
    expect(receipt).toMatchObject({ state: 'delivered', messageId: esme.answers[0]?.messageId });
  });

  it('accounts: lets in whom it knows', async () => {
    await start({ accounts: { known: 'secret' } });
    const refusal = (options: Partial<EsmeOptions>) => client(options).catch((error: BindError) => error);
    expect(await refusal({ system_id: 'other', password: 'secret' })).toMatchObject({ status: STATUS.ESME_RINVSYSID });
    expect(await refusal({ system_id: 'known', password: 'wrong' })).toMatchObject({ status: STATUS.ESME_RINVPASWD });
    expect(await refusal({ system_id: '__proto__', password: '' })).toMatchObject({ status: STATUS.ESME_RINVSYSID });
    expect(await refusal({ system_id: 'known', password: 'wrong' })).toBeInstanceOf(BindError);
    expect((await client({ system_id: 'known', password: 'secret' })).session.state).toBe('bound_trx');
  });

  it('are turned while it runs, or not at all', async () => {
    await start();
    const esme = await client();
    simulator.set({ rules: [{ status: 'ESME_RSYSERR' }] });
    esme.submit(1);
    expect((await esme.answered(1))[0]?.status).toBe(STATUS.ESME_RSYSERR);
    expect(() => simulator.set({ rules: [], answerMs: -1 })).toThrow(RangeError);
    expect(simulator.knobs).toMatchObject({ rules: [{ status: 'ESME_RSYSERR' }], answerMs: 0 });
    await expect(startSimulator({ throttle: { perSecond: 0 } })).rejects.toThrow('throttle');
  });
});

describe('receipts', () => {
  it('wait for a receiver, and go to any session of their system_id', async () => {
    await start({ receiptDelayMs: 0 });
    const sender = await client({ bindType: 'transmitter' });
    const stranger = await client({ system_id: 'stranger' });
    sender.submit(3);
    await sender.answered(3);
    expect(simulator.waiting).toBe(3);
    const receiver = await client({ bindType: 'receiver' });
    await receiver.receipted(3);
    expect([sender.delivered.length, stranger.delivered.length]).toEqual([0, 0]);
  });

  it('keep to the window, and go on when it opens', async () => {
    await start({ receiptDelayMs: 0, window: 4 });
    const socket = connect(simulator.port, '127.0.0.1');
    closing.push(() => socket.destroy());
    const peer = new Peer(socket);
    peer.send({ command: 'bind_transceiver', sequence: 1, system_id: 'slow' });
    await peer.take(1);
    peer.send(
      ...Array.from(
        { length: 10 },
        (_, i): PduInput => ({ command: 'submit_sm', sequence: i + 2, registered_delivery: 1 }),
      ),
    );
    const first = await peer.take(14);
    expect(first.map((pdu) => pdu.command)).toEqual([
      ...Array(10).fill('submit_sm_resp'),
      ...Array(4).fill('deliver_sm'),
    ]);
    expect(simulator.waiting).toBe(6);
    peer.send(
      ...first.slice(10, 13).map((pdu: Pdu): PduInput => ({ command: 'deliver_sm_resp', sequence: pdu.sequence })),
    );
    expect((await peer.take(3)).map((pdu) => pdu.command)).toEqual(Array(3).fill('deliver_sm'));
    expect(simulator.waiting).toBe(3);
  });

  it('survive the link and are sent again until they are answered', async () => {
    await start({ receiptDelayMs: 0 });
    const deaf = await client();
    deaf.deliverStatus = 'silent';
    deaf.submit(3);
    await deaf.receipted(3);
    simulator.dropLinks();
    await until(() => deaf.closed, 'the link is cut');
    const again = await client();
    await again.receipted(3);
    expect(again.receipts).toEqual(deaf.receipts);
    await until(() => simulator.stats.receiptsAnswered === 3, 'they are answered');
    expect(simulator.stats).toMatchObject({ receiptsSent: 6, receiptsRepeated: 3, reconnects: 1 });
  });

  it('are sent again when no answer comes in time', async () => {
    await start({ receiptDelayMs: 0, responseTimeoutMs: 1000 });
    const esme = await client();
    esme.deliverStatus = 'silent';
    esme.submit(1);
    await esme.receipted(1);
    esme.deliverStatus = STATUS.ESME_ROK;
    clock.advance(1000);
    await esme.receipted(2);
    await until(() => simulator.stats.receiptsAnswered === 1, 'it is answered');
  });

  it('come again after a temporary refusal, and not after a permanent one', async () => {
    await start({ receiptDelayMs: 0 });
    const esme = await client();
    esme.deliverStatus = STATUS.ESME_RX_T_APPN;
    esme.submit(1);
    await until(() => simulator.waiting === 1, 'the refusal has come');
    esme.deliverStatus = STATUS.ESME_RX_P_APPN;
    await advanceUntil(() => esme.delivered.length === 2, 'it comes again');
    await until(() => simulator.stats.receiptsDropped === 1, 'it is given up');
    expect(simulator.waiting).toBe(0);
  });
});

describe('handset messages', () => {
  it('are delivered to whom bound last, or to a system_id, and tell what became of them', async () => {
    await start();
    await expect(simulator.deliver({ from: '1', to: '2', text: 'x' })).rejects.toThrow('nobody');
    const early = simulator.deliver({ from: '447700900001', to: '15550100', text: 'wait', systemId: 'late' });
    const esme = await client();
    expect(await simulator.deliver({ from: '447700900001', to: '15550100', text: 'STOP' })).toBe(STATUS.ESME_ROK);
    expect(esme.delivered[0]).toMatchObject({
      source_addr: '447700900001',
      destination_addr: '15550100',
      esm_class: 0,
      data_coding: 0,
    });
    expect(esme.delivered[0]?.short_message.toString('latin1')).toBe('STOP');
    expect(esme.receipts).toEqual([null]);
    esme.deliverStatus = STATUS.ESME_RX_P_APPN;
    expect(await simulator.deliver({ from: '1', to: '2', text: '退订 ' })).toBe(STATUS.ESME_RX_P_APPN);
    expect(esme.delivered[1]).toMatchObject({ data_coding: 8, short_message: Buffer.from('90008ba20020', 'hex') });
    await client({ system_id: 'late' });
    expect(await early).toBe(STATUS.ESME_ROK);
    const long = 'a'.repeat(300);
    expect(await simulator.deliver({ from: '1', to: '2', text: long, systemId: 'esme' })).toBe(STATUS.ESME_RX_P_APPN);
    expect(Buffer.from(esme.delivered[2]!.tlvs!.message_payload!).toString()).toBe(long);
    expect(simulator.stats).toMatchObject({ inboundSent: 4, inboundAnswered: 4 });
  });
});

describe('handset messages in parts', () => {
  it.each(['udh', 'udh16', 'sar'] as const)('travel by %s, and tell the first answer that is no', async (long) => {
    await start();
    const esme = await client();
    const text = `${'a'.repeat(200)}€ end`;
    expect(await simulator.deliver({ from: '447400123001', to: '15550100', text, long, order: [2, 1, 2] })).toBe(0);
    const pieces = esme.delivered.map((pdu) => pieceOf(pdu));
    expect(pieces.map((piece) => piece.part?.number)).toEqual([2, 1, 2]);
    expect(pieces.every((piece) => piece.carriage === long)).toBe(true);
    expect(read(Buffer.concat([pieces[1]!.text, pieces[0]!.text]), 0)).toBe(text);
    esme.deliverStatus = STATUS.ESME_RX_P_APPN;
    expect(await simulator.deliver({ from: '1', to: '2', text, long })).toBe(STATUS.ESME_RX_P_APPN);
    await expect(simulator.deliver({ from: '1', to: '2', text, long, order: [3] })).rejects.toThrow(RangeError);
  });
});

describe('texts', () => {
  it('are told whole, however they travel', async () => {
    const texts: TakenText[] = [];
    await start({ onText: (batch) => texts.push(...batch), rules: [{ suffix: '99', status: 'ESME_RSYSERR' }] });
    const esme = await client();
    const octets = Buffer.from('你好，😀', 'utf16le').swap16();
    const base = { destination_addr: '15550100', data_coding: 8 };
    const parts = [octets.subarray(0, 8), octets.subarray(8)];
    const bodies = (['udh', 'udh16', 'sar'] as const).flatMap((carriage) =>
      [1, 0].map((i) => ({
        ...base,
        ...bodyOfPart(parts[i]!, carriage, { reference: 200, total: 2, number: i + 1 }),
      })),
    );
    bodies.push({ ...base, short_message: undefined, ...bodyOfPart(octets, 'payload', undefined) });
    bodies.push({ ...base, ...bodyOfPart(octets, 'short', undefined) });
    bodies.push({ ...base, destination_addr: '99', ...bodyOfPart(octets, 'short', undefined) });
    for (const body of bodies) esme.submit(1, body);
    const ids = (await esme.answered(9)).map((each) => each.messageId);
    expect(texts.map(({ carriage, text, messageIds }) => ({ carriage, text, messageIds }))).toEqual([
      { carriage: 'udh', text: '你好，😀', messageIds: [ids[1], ids[0]] },
      { carriage: 'udh16', text: '你好，😀', messageIds: [ids[3], ids[2]] },
      { carriage: 'sar', text: '你好，😀', messageIds: [ids[5], ids[4]] },
      { carriage: 'payload', text: '你好，😀', messageIds: [ids[6]] },
      { carriage: 'short', text: '你好，😀', messageIds: [ids[7]] },
    ]);
    expect(texts[0]).toMatchObject({ systemId: 'esme', source: 'Signet', destination: '15550100', dataCoding: 8 });
  });
});

describe('several binds', () => {
  it('of one system_id share receipts, and records tell which bind a message came over', async () => {
    const records: SubmitRecord[] = [];
    await start({ receiptDelayMs: 0, window: 2, onSubmit: (batch) => records.push(...batch) });
    const sender = await client({ bindType: 'transmitter' });
    const receivers = [await client({ bindType: 'receiver' }), await client({ bindType: 'receiver' })];
    const both = await client();
    sender.submit(3);
    both.submit(3);
    await until(() => simulator.stats.receiptsAnswered === 6, 'all receipts are taken');
    expect(sender.delivered).toHaveLength(0);
    expect(receivers.map((each) => each.delivered.length).reduce((a, b) => a + b, both.delivered.length)).toBe(6);
    expect(records.map((each) => each.bind).sort()).toEqual([1, 1, 1, 4, 4, 4]);
  });

  it('lose one without losing a receipt', async () => {
    await start({ receiptDelayMs: 0 });
    const sender = await client({ bindType: 'transmitter' });
    const deaf = await client({ bindType: 'receiver' });
    deaf.deliverStatus = 'silent';
    sender.submit(5);
    await deaf.receipted(5);
    const heir = await client({ bindType: 'receiver' });
    deaf.session.destroy();
    expect((await heir.receipted(5)).map((each) => each?.messageId).sort()).toEqual(
      sender.answers.map((each) => each.messageId).sort(),
    );
  });
});

describe('what is measured', () => {
  it('is how long answers took, and how many came in a second', async () => {
    await start({ answerMs: 50 });
    const esme = await client();
    esme.submit(40);
    await until(() => simulator.stats.submits === 40, 'all have come');
    clock.advance(49);
    clock.advance(1);
    await esme.answered(40);
    expect(simulator.answerTimes).toEqual({ count: 40, medianMs: 50, p95Ms: 50, maxMs: 50 });
    expect(simulator.stats.peakPerSecond).toBe(40);
    clock.advance(940);
    esme.submit(10);
    await until(() => simulator.stats.submits === 50, 'ten more have come');
    expect(simulator.stats.peakPerSecond).toBe(50);
    clock.advance(2000);
    esme.submit(45);
    await until(() => simulator.stats.submits === 95, 'the others have come');
    expect(simulator.stats.peakPerSecond).toBe(50);
    simulator.clearAnswerTimes();
    expect(simulator.answerTimes.count).toBe(0);
  });
});

describe('links', () => {
  it('are TLS where a certificate is given', async () => {
    await start({ tls: { key: TEST_KEY, cert: TEST_CERTIFICATE } });
    const esme = await client({ tls: { ca: TEST_CERTIFICATE, servername: 'localhost' } });
    esme.submit(1);
    expect((await esme.answered(1))[0]?.status).toBe(0);
    await expect(client({ tls: { servername: 'localhost' } })).rejects.toMatchObject({
      reason: { kind: 'connect-failed' },
    });
    await expect(client({ tls: { ca: TEST_CERTIFICATE, servername: 'elsewhere' } })).rejects.toThrow(BindError);
  });

  it.each([
    [0x33, undefined],
    [0x50, 0x50],
  ])('speak the version that is asked for: %i', async (interfaceVersion, told) => {
    await start({ interfaceVersion, receiptDelayMs: 0 });
    const esme = await client({ interface_version: interfaceVersion });
    expect(esme.session.bound?.interfaceVersion).toBe(told);
    esme.submit(1);
    const [receipt] = await esme.receipted(1);
    expect(receipt).toMatchObject({ state: 'delivered', messageId: esme.answers[0]?.messageId });
    expect(esme.delivered[0]?.tlvs === undefined).toBe(told === undefined);
  });
});

describe('the log', () => {
  it('is the judge of what was sent', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'signet-smpp-'));
    const logPath = join(folder, 'submits.log');
    try {
      await start({ logPath, logText: true, rules: [{ suffix: '01', status: 'ESME_RTHROTTLED' }] });
      const esme = await client();
      esme.submit(2, { esm_class: 0x40, short_message: Buffer.from('050003070201', 'hex') });
      const [first] = await esme.answered(2);
      await simulator.close();
      const lines = (await readFile(logPath, 'latin1'))
        .trimEnd()
        .split('\n')
        .map((line) => line.split('\t'));
      expect(lines).toEqual([
        [
          `${START}`,
          `${first!.sequence}`,
          'Signet',
          '15550100',
          first!.messageId,
          '0x00000000',
          '7-2-1',
          '050003070201',
          '-',
        ],
        [`${START}`, `${first!.sequence + 1}`, 'Signet', '15550101', '-', '0x00000058', '7-2-1', '050003070201', '-'],
      ]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('is told in batches as well', async () => {
    const batches: SubmitRecord[][] = [];
    await start({ onSubmit: (records) => batches.push(records) });
    const esme = await client();
    esme.submit(40);
    const answers = await esme.answered(40);
    expect(batches.flat().map((each) => each.messageId)).toEqual(answers.map((each) => each.messageId));
    expect(batches.length).toBeLessThan(40);
    expect(batches[0]?.[0]).toMatchObject({
      systemId: 'esme',
      source: 'Signet',
      destination: '15550100',
      status: 0,
      at: START,
    });
  });
});
