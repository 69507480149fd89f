import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Peer, until } from '../../test/peer.ts';
import { BindError, type EsmeOptions, EsmeSession } from '../esme.ts';
import { ManualClock } from '../lib/clock.ts';
import { seededRandom } from '../lib/random.ts';
import type { BodyInput, DeliverSm, Pdu, PduInput } from '../pdu/commands.ts';
import { REGISTERED_DELIVERY } from '../pdu/constants.ts';
import { STATUS } from '../pdu/statuses.ts';
import { parseReceipt, type Receipt } from '../receipt.ts';
import type { Answer } from '../session-contract.ts';
import { type SimulatorOptions, startSimulator } from './index.ts';
import type { SubmitRecord } from './log.ts';
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

  it('ids: decimal', async () => {
    await start({ ids: 'decimal' });
    const esme = await client();
    esme.submit(1);
    expect((await esme.answered(1))[0]?.messageId).toMatch(/^[0-9]{18}$/);
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
        ],
        [`${START}`, `${first!.sequence + 1}`, 'Signet', '15550101', '-', '0x00000058', '7-2-1', '050003070201'],
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
