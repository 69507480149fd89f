import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Peer, PeerServer, until } from '../test/peer.ts';
import { BindError, type EsmeOptions, EsmeSession } from './esme.ts';
import { ManualClock } from './lib/clock.ts';
import { EncodeError } from './pdu/bytes.ts';
import type { Pdu, PduInput, SubmitSm } from './pdu/commands.ts';
import { STATUS } from './pdu/statuses.ts';
import type { Answer, CloseReason, LateResponse } from './session-contract.ts';

let server: PeerServer;
let clock: ManualClock;
let session: EsmeSession<string>;
let results: Answer<string>[];
let closed: [CloseReason, Answer<string>[]] | undefined;

beforeEach(async () => {
  server = await new PeerServer().listen();
  clock = new ManualClock(1_000_000);
});

afterEach(async () => {
  session?.destroy();
  await server.close();
});

function make(options: Partial<EsmeOptions> = {}): EsmeSession<string> {
  session = new EsmeSession({
    host: '127.0.0.1',
    port: server.port,
    system_id: 'esme',
    password: 'pw',
    clock,
    ...options,
  });
  results = [];
  closed = undefined;
  session.on('results', (batch) => results.push(...batch));
  session.on('closed', (reason, unanswered) => {
    closed = [reason, unanswered];
  });
  return session;
}

async function bound(options: Partial<EsmeOptions> = {}): Promise<Peer> {
  const opened = make(options).open();
  const peer = await server.peer();
  await peer.acceptBind();
  await opened;
  return peer;
}

const message = (destination_addr: string) => ({ destination_addr, short_message: Buffer.from('hi') });
const messages = (count: number) => Array.from({ length: count }, (_, i) => message(`1555010${i}`));
const names = (count: number) => Array.from({ length: count }, (_, i) => `c${i}`);

function accept(pdu: Pdu, message_id: string, status = 0): PduInput {
  return { command: 'submit_sm_resp', sequence: pdu.sequence, message_id, status };
}

describe('opening', () => {
  it('binds as it is told', async () => {
    const opened = make({
      bindType: 'transmitter',
      system_type: 'x',
      addr_ton: 1,
      addr_npi: 2,
      address_range: '^44',
    }).open();
    const peer = await server.peer();
    expect(await peer.next()).toMatchObject({
      command: 'bind_transmitter',
      system_id: 'esme',
      password: 'pw',
      system_type: 'x',
      interface_version: 0x34,
      addr_ton: 1,
      addr_npi: 2,
      address_range: '^44',
    });
    peer.send({
      command: 'bind_transmitter_resp',
      sequence: 1,
      system_id: 'SMSC',
      tlvs: { sc_interface_version: 0x34 },
    });
    expect(await opened).toEqual({
      bindType: 'transmitter',
      systemId: 'SMSC',
      interfaceVersion: 0x34,
      optionalParameters: true,
    });
    expect(session.state).toBe('bound_tx');
    expect(session.free).toBe(100);
  });

  it.each([
    ['we speak 3.3', { interface_version: 0x33 }, undefined],
    ['the SMSC says 3.3', {}, { sc_interface_version: 0x33 }],
  ])('leaves optional parameters out when %s, and sends nothing that needs them', async (_, options, tlvs) => {
    const opened = make(options).open();
    const peer = await server.peer();
    const bind = (await peer.next()) as Pdu;
    peer.send({ command: 'bind_transceiver_resp', sequence: bind.sequence, system_id: 'OLD', tlvs } as PduInput);
    expect(await opened).toMatchObject({ optionalParameters: false });
    const plain = { ...message('15550100'), tlvs: { user_message_reference: 7 } };
    expect(session.submitMany([plain], ['a'])).toBe(1);
    expect(await peer.take(1)).toMatchObject([{ command: 'submit_sm', tlvs: undefined }]);
    for (const needed of [
      { message_payload: Buffer.from('long') },
      { sar_msg_ref_num: 1, sar_total_segments: 2, sar_segment_seqnum: 1 },
    ]) {
      expect(() => session.submitMany([plain, { ...plain, tlvs: needed }], ['b', 'c'])).toThrow(EncodeError);
      expect(await peer.take(1)).toMatchObject([{ command: 'submit_sm', destination_addr: '15550100' }]);
    }
    expect(session.unanswered).toBe(3);
  });

  it('sends optional parameters to an SMSC that does not tell its version, and to one of 5.0', async () => {
    for (const tlvs of [undefined, { sc_interface_version: 0x50 }]) {
      const opened = make().open();
      const peer = await server.peer();
      const bind = (await peer.next()) as Pdu;
      peer.send({ command: 'bind_transceiver_resp', sequence: bind.sequence, system_id: 'X', tlvs } as PduInput);
      expect(await opened).toMatchObject({ optionalParameters: true });
      session.submitMany([{ ...message('15550100'), tlvs: { user_message_reference: 7 } }], ['a']);
      expect(await peer.take(1)).toMatchObject([{ tlvs: { user_message_reference: 7 } }]);
      session.destroy();
    }
  });

  it('gives up a link on which a PDU never ends, whatever octets come', async () => {
    const peer = await bound({ enquireLinkMs: 1000, responseTimeoutMs: 1000 });
    peer.sendHex('0000ea60 00000005 00000000 00000009');
    clock.advance(1000);
    expect(await peer.next()).toMatchObject({ command: 'enquire_link' });
    await until(() => {
      peer.send({ command: 'enquire_link_resp', sequence: 2 });
      clock.advance(50);
      return closed !== undefined;
    }, 'the link is given up');
    expect(closed?.[0].kind).toBe('link-dead');
  });

  it('sends no messages over a receiver', async () => {
    await bound({ bindType: 'receiver' });
    expect(session.state).toBe('bound_rx');
    expect(session.free).toBe(0);
    expect(session.submitMany(messages(1), ['c'])).toBe(0);
  });

  it.each([
    ['bind_transceiver_resp', STATUS.ESME_RINVPASWD],
    ['generic_nack', STATUS.ESME_RINVCMDID],
  ] as const)('is refused by a %s', async (command, status) => {
    const opened = make().open();
    opened.catch(() => {});
    const peer = await server.peer();
    const bind = (await peer.next()) as Pdu;
    peer.send({ command, sequence: bind.sequence, status });
    await expect(opened).rejects.toMatchObject({ name: 'BindError', status, reason: { kind: 'bind-refused' } });
    expect(session.state).toBe('closed');
  });

  it('is bound by a response whose body makes no sense, for its status does', async () => {
    const opened = make().open();
    const peer = await server.peer();
    await peer.next();
    peer.sendHex(`00000025 80000009 00000000 00000001 ${'41'.repeat(20)}00`);
    expect(await opened).toMatchObject({ systemId: '' });
  });

  it('gives up without an answer to the bind', async () => {
    const opened = make({ bindTimeoutMs: 500 }).open();
    opened.catch(() => {});
    await (await server.peer()).next();
    clock.advance(499);
    expect(session.state).toBe('open');
    clock.advance(1);
    await expect(opened).rejects.toMatchObject({ reason: { kind: 'bind-timeout' } });
  });

  it('gives up without a connection', async () => {
    // No packet from this network is ever answered (RFC 5737); a machine without a route refuses at once.
    const opened = make({ host: '192.0.2.1', connectTimeoutMs: 500 }).open();
    opened.catch(() => {});
    clock.advance(500);
    await expect(opened).rejects.toMatchObject({ reason: { kind: 'connect-failed' } });
  });

  it('fails where nobody listens', async () => {
    const other = await new PeerServer().listen();
    const { port } = other;
    await other.close();
    await expect(make({ port }).open()).rejects.toBeInstanceOf(BindError);
    expect(closed?.[0]).toMatchObject({ kind: 'connect-failed' });
  });

  it('fails when the link is lost before the bind is complete', async () => {
    const opened = make().open();
    opened.catch(() => {});
    const peer = await server.peer();
    await peer.next();
    peer.socket.destroy();
    await expect(opened).rejects.toBeInstanceOf(BindError);
  });

  it('can be given up at once, and is opened only once', async () => {
    const opened = make().open();
    opened.catch(() => {});
    session.destroy();
    await expect(opened).rejects.toMatchObject({ reason: { kind: 'destroyed' } });
    await expect(session.open()).rejects.toThrow('opened once');
  });

  it('hands over messages that come in one read with the bind response', async () => {
    const opened = make().open();
    const pdus: unknown[] = [];
    session.on('pdus', (batch) => pdus.push(...batch));
    const peer = await server.peer();
    await peer.next();
    peer.send({ command: 'bind_transceiver_resp', sequence: 1 }, { command: 'deliver_sm', sequence: 1 });
    await opened;
    expect(pdus).toMatchObject([{ command: 'deliver_sm' }]);
  });
});

describe('submitting', () => {
  it('takes as many as the window has room for, and hands back answers in batches', async () => {
    const peer = await bound({ window: 3 });
    const batches: Answer<string>[][] = [];
    session.on('results', (batch) => batches.push(batch));
    expect(session.submitMany(messages(5), names(5))).toBe(3);
    expect([session.free, session.unanswered]).toEqual([0, 3]);
    expect(session.submitMany(messages(5), names(5), 3)).toBe(0);
    const sent = (await peer.take(3)) as SubmitSm[];
    expect(sent.map((pdu) => pdu.destination_addr)).toEqual(['15550100', '15550101', '15550102']);
    peer.send(accept(sent[2]!, 'm2'), accept(sent[0]!, 'm0'), accept(sent[1]!, '', STATUS.ESME_RTHROTTLED));
    await until(() => results.length === 3, 'all are answered');
    expect(batches).toHaveLength(1);
    expect(results).toMatchObject([
      { outcome: 'answered', context: 'c2', status: 0, messageId: 'm2', sentAt: clock.now() },
      { outcome: 'answered', context: 'c0', status: 0, messageId: 'm0' },
      { outcome: 'answered', context: 'c1', status: STATUS.ESME_RTHROTTLED, messageId: '' },
    ]);
    expect(session.submitMany(messages(5), names(5), 3)).toBe(2);
    expect(((await peer.take(2)) as SubmitSm[]).map((pdu) => pdu.destination_addr)).toEqual(['15550103', '15550104']);
  });

  it('writes a batch, and all that one read causes, in one piece', async () => {
    const peer = await bound();
    const chunks: Buffer[] = [];
    peer.socket.on('data', (chunk) => chunks.push(chunk));
    session.submitMany(messages(20), names(20));
    const sent = await peer.take(20);
    expect(chunks).toHaveLength(1);
    session.on('results', () => session.submitMany(messages(5), names(5)));
    session.on('pdus', (pdus) => session.respondMany(pdus));
    peer.send(accept(sent[0]!, 'a'), { command: 'enquire_link', sequence: 9 }, { command: 'deliver_sm', sequence: 10 });
    const answers = await peer.take(7);
    expect(answers.map((pdu) => pdu.command)).toEqual([
      'enquire_link_resp',
      ...Array(5).fill('submit_sm'),
      'deliver_sm_resp',
    ]);
    expect(chunks).toHaveLength(2);
  });

  it('takes a generic_nack for an answer', async () => {
    const peer = await bound();
    session.submitMany(messages(1), ['c']);
    const [sent] = await peer.take(1);
    peer.send({ command: 'generic_nack', sequence: sent!.sequence, status: STATUS.ESME_RINVCMDLEN });
    await until(() => results.length === 1, 'it is answered');
    expect(results[0]).toMatchObject({ outcome: 'answered', status: STATUS.ESME_RINVCMDLEN, messageId: '' });
  });

  it('takes a response it cannot read for what its header says', async () => {
    const peer = await bound();
    const malformed: unknown[] = [];
    session.on('malformed', (error) => malformed.push(error));
    session.submitMany(messages(1), ['c']);
    const [sent] = await peer.take(1);
    peer.sendHex(`00000012 80000004 00000000 ${sent!.sequence.toString(16).padStart(8, '0')} 4142`);
    await until(() => results.length === 1, 'it is answered');
    expect(results[0]).toMatchObject({ outcome: 'answered', status: 0, messageId: '', response: undefined });
    expect(malformed).toMatchObject([{ status: STATUS.ESME_RINVCMDLEN }]);
  });

  it('names the request that cannot be encoded, sends those before it and none behind it', async () => {
    const peer = await bound();
    const batch = [message('1'), message('2'), message('漢'), message('4')];
    let error: unknown;
    try {
      session.submitMany(batch, names(4), 0);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(EncodeError);
    expect(error).toMatchObject({ index: 2, field: 'destination_addr' });
    expect(session.unanswered).toBe(2);
    expect(session.submitMany(batch, names(4), 3)).toBe(1);
    const sent = (await peer.take(3)) as SubmitSm[];
    expect(sent.map((pdu) => pdu.destination_addr)).toEqual(['1', '2', '4']);
  });

  it('sends other requests one by one', async () => {
    const peer = await bound({ window: 1 });
    const asked = session.request({ command: 'query_sm', message_id: 'abc' });
    await expect(session.request({ command: 'query_sm' })).rejects.toThrow(RangeError);
    const [query] = await peer.take(1);
    peer.send({ command: 'query_sm_resp', sequence: query!.sequence, message_id: 'abc', message_state: 2 });
    expect(await asked).toMatchObject({ outcome: 'answered', response: { message_state: 2 }, messageId: 'abc' });
    await expect(session.request({ command: 'query_sm', message_id: '漢' })).rejects.toThrow(EncodeError);
    expect(session.unanswered).toBe(0);
    const unlucky = session.request({ command: 'cancel_sm', message_id: 'abc' });
    session.destroy();
    expect(await unlucky).toMatchObject({ outcome: 'closed' });
    expect(results).toEqual([]);
  });
});

describe('waiting', () => {
  it('hands back what is not answered in time, and knows a late answer', async () => {
    const peer = await bound({ responseTimeoutMs: 1000, enquireLinkMs: 0 });
    const late: LateResponse<string>[] = [];
    session.on('late', (batch) => late.push(...batch));
    session.submitMany(messages(2), ['a', 'b']);
    clock.advance(400);
    session.submitMany(messages(1), ['c']);
    const sent = await peer.take(3);
    clock.advance(600);
    expect(results).toMatchObject([
      { outcome: 'timeout', context: 'a', status: undefined, sentAt: 1_000_000 },
      { outcome: 'timeout', context: 'b' },
    ]);
    expect(session.unanswered).toBe(1);
    peer.send(accept(sent[0]!, 'late'), accept(sent[2]!, 'm'), accept(sent[0]!, 'again'), {
      command: 'submit_sm_resp',
      sequence: 4711,
    });
    await until(() => late.length === 3, 'the late ones are told');
    expect(results.slice(2)).toMatchObject([{ outcome: 'answered', context: 'c', messageId: 'm' }]);
    expect(late).toMatchObject([
      { context: 'a', response: { message_id: 'late' } },
      { context: undefined, response: { message_id: 'again' } },
      { context: undefined, response: { sequence: 4711 } },
    ]);
    clock.advance(10_000);
    expect(results).toHaveLength(3);
  });

  it('asks a silent peer whether it lives, and closes without an answer', async () => {
    const peer = await bound({ enquireLinkMs: 5000, responseTimeoutMs: 2000 });
    clock.advance(5000);
    const [enquiry] = await peer.take(1);
    expect(enquiry).toMatchObject({ command: 'enquire_link' });
    clock.advance(1000);
    peer.send({ command: 'enquire_link_resp', sequence: enquiry!.sequence });
    peer.send({ command: 'enquire_link', sequence: 1 });
    await peer.take(1);
    clock.advance(4999);
    expect(session.state).toBe('bound_trx');
    clock.advance(1);
    expect(await peer.take(1)).toMatchObject([{ command: 'enquire_link' }]);
    clock.advance(2000);
    expect(closed?.[0].kind).toBe('link-dead');
  });

  it('asks a peer that is silent about a request, and waits with everything until it speaks', async () => {
    const peer = await bound({ enquireLinkMs: 5000, responseTimeoutMs: 2000 });
    let drained = 0;
    session.on('drain', () => drained++);
    session.submitMany(messages(1), ['a']);
    await peer.take(1);
    clock.advance(1999);
    expect(session.writable).toBe(true);
    clock.advance(1);
    const [enquiry] = await peer.take(1);
    expect(enquiry).toMatchObject({ command: 'enquire_link' });
    expect({ writable: session.writable, results }).toEqual({ writable: false, results: [] });
    peer.send({ command: 'enquire_link_resp', sequence: enquiry!.sequence });
    await until(() => drained === 1, 'it speaks');
    expect(session.writable).toBe(true);
    clock.advance(0);
    expect(results).toMatchObject([{ outcome: 'timeout', context: 'a' }]);
    expect(drained).toBe(1);
  });

  it('loses with the link what a silent peer did not answer', async () => {
    const peer = await bound({ enquireLinkMs: 5000, responseTimeoutMs: 2000 });
    session.submitMany(messages(1), ['a']);
    await peer.take(1);
    clock.advance(2000);
    await peer.take(1);
    clock.advance(1999);
    expect({ state: session.state, results }).toEqual({ state: 'bound_trx', results: [] });
    clock.advance(1);
    expect(closed?.[0].kind).toBe('link-dead');
    expect(results).toMatchObject([{ outcome: 'closed', context: 'a' }]);
  });

  it('closes a session nobody uses', async () => {
    await bound({ inactivityMs: 60_000, enquireLinkMs: 0 });
    session.submitMany(messages(1), ['a']);
    clock.advance(59_999);
    expect(session.state).toBe('bound_trx');
    clock.advance(1);
    expect(closed?.[0].kind).toBe('inactive');
  });

  it('blames nobody while it does not read', async () => {
    const peer = await bound({ responseTimeoutMs: 1000, enquireLinkMs: 0 });
    session.submitMany(messages(1), ['a']);
    const [sent] = await peer.take(1);
    session.pause();
    peer.send(accept(sent!, 'm'));
    clock.advance(60_000);
    expect(results).toEqual([]);
    session.resume();
    clock.advance(999);
    await until(() => results.length === 1, 'the answer is read');
    expect(results[0]).toMatchObject({ outcome: 'answered', messageId: 'm' });
  });
});

describe('closing', () => {
  it('hands back what is unanswered in one batch when the link is lost', async () => {
    const peer = await bound();
    session.submitMany(messages(3), names(3));
    const sent = await peer.take(3);
    peer.send(accept(sent[1]!, 'm'));
    await until(() => results.length === 1, 'one is answered');
    const last = once(session, 'closed');
    peer.socket.destroy();
    await last;
    expect(results.slice(1)).toMatchObject([
      { outcome: 'closed', context: 'c0' },
      { outcome: 'closed', context: 'c2' },
    ]);
    expect(closed?.[1]).toEqual(results.slice(1));
    expect(session.free).toBe(0);
    expect(session.submitMany(messages(1), ['x'])).toBe(0);
    await expect(session.request({ command: 'query_sm' })).rejects.toThrow(RangeError);
  });

  it('unbinds after the last answer', async () => {
    const peer = await bound();
    session.submitMany(messages(1), ['a']);
    const [sent] = await peer.take(1);
    const done = session.unbind();
    expect(session.free).toBe(0);
    peer.send({ command: 'enquire_link', sequence: 1 });
    expect(await peer.take(1)).toMatchObject([{ command: 'enquire_link_resp' }]);
    peer.send(accept(sent!, 'm'));
    const [unbind] = await peer.take(1);
    expect(unbind).toMatchObject({ command: 'unbind' });
    peer.send({ command: 'unbind_resp', sequence: unbind!.sequence });
    await done;
    expect(closed).toMatchObject([{ kind: 'unbound' }, []]);
    await until(() => peer.closed, 'the connection is closed');
  });

  it('waits for answers no longer than it is told, and for the unbind no longer than for any answer', async () => {
    const peer = await bound({ responseTimeoutMs: 30_000, enquireLinkMs: 0 });
    session.submitMany(messages(1), ['a']);
    await peer.take(1);
    const done = session.unbind(500);
    clock.advance(500);
    expect(await peer.take(1)).toMatchObject([{ command: 'unbind' }]);
    clock.advance(30_000);
    await done;
    expect(closed?.[0].kind).toBe('unbind-timeout');
    expect(results).toMatchObject([{ outcome: 'timeout', context: 'a' }]);
  });

  it('answers an unbind of the peer and goes', async () => {
    const peer = await bound();
    session.submitMany(messages(2), ['a', 'b']);
    const sent = await peer.take(2);
    peer.send(accept(sent[0]!, 'm'), { command: 'unbind', sequence: 7 }, accept(sent[1]!, 'ignored'));
    expect(await peer.take(1)).toMatchObject([{ command: 'unbind_resp', sequence: 7, status: 0 }]);
    await until(() => peer.closed, 'the connection is closed');
    expect(results).toMatchObject([
      { outcome: 'answered', context: 'a' },
      { outcome: 'closed', context: 'b' },
    ]);
    expect(closed?.[0].kind).toBe('peer-unbound');
  });

  it('may be cut from within its own events', async () => {
    const peer = await bound();
    session.on('results', () => session.destroy());
    const pdus: unknown[] = [];
    session.on('pdus', (batch) => pdus.push(...batch));
    session.submitMany(messages(2), ['a', 'b']);
    const sent = await peer.take(2);
    peer.send(accept(sent[0]!, 'm'), { command: 'deliver_sm', sequence: 1 });
    await until(() => closed !== undefined, 'it is closed');
    expect(results.map((each) => each.outcome)).toEqual(['answered', 'closed']);
    expect(pdus).toEqual([]);
  });
});

describe('a session that may not write any more', () => {
  it.each<[string, (peer: Peer) => void]>([
    ['a message', () => void session.submitMany(messages(2), ['b', 'c'])],
    ['what answers itself', (peer) => peer.send({ command: 'enquire_link', sequence: 5 })],
    ['a question of its own', () => clock.advance(30_000)],
    [
      'an unbind',
      () => {
        void session.unbind(1);
        clock.advance(1);
      },
    ],
    ['an answer to the peer', () => session.respondMany([{ command: 'deliver_sm', sequence: 9 }])],
  ])('cuts the link instead of writing %s', async (_what, cause) => {
    let mayWrite = true;
    const peer = await bound({ mayWrite: () => mayWrite, responseTimeoutMs: 60_000 });
    session.submitMany(messages(1), ['a']);
    await peer.take(1);
    mayWrite = false;
    cause(peer);
    if (session.state !== 'closed') await once(session, 'closed');
    expect(closed?.[0].kind).toBe('forbidden');
    expect(results.filter(({ outcome }) => outcome !== 'closed')).toEqual([]);
    expect(results.map(({ context }) => context)).toContain('a');
    // Nothing came after the first message.
    expect(await peer.next()).toBe(undefined);
  });

  it('drops what waits here for a peer that does not read', async () => {
    let mayWrite = true;
    const peer = await bound({ mayWrite: () => mayWrite, window: 100_000, enquireLinkMs: 0 });
    peer.socket.pause();
    const big = { destination_addr: '1', short_message: Buffer.alloc(254) };
    let sent = 0;
    while (session.writable) sent += session.submitMany(Array(100).fill(big), names(100));
    mayWrite = false;
    const last = once(session, 'closed');
    session.respondMany([{ command: 'deliver_sm', sequence: 9 }]);
    await last;
    expect(results).toHaveLength(sent);
    peer.socket.resume();
    let came = 0;
    while ((await peer.next()) !== undefined) came++;
    expect(came).toBeLessThan(sent);
  });
});

describe('a peer that talks nonsense', () => {
  it.each<[string, string, object]>([
    [
      'an unknown command',
      '00000010 00000099 00000000 00000007',
      { command: 'generic_nack', status: STATUS.ESME_RINVCMDID },
    ],
    [
      'a cut deliver_sm',
      '00000012 00000005 00000000 00000007 0000',
      { command: 'deliver_sm_resp', status: STATUS.ESME_RINVCMDLEN },
    ],
    [
      'an alert it cannot read',
      '00000011 00000102 00000000 00000007 00',
      { command: 'generic_nack', status: STATUS.ESME_RINVCMDLEN },
    ],
    [
      'a bind',
      '00000017 00000009 00000000 00000007 00000000000000',
      { command: 'bind_transceiver_resp', status: STATUS.ESME_RINVBNDSTS },
    ],
    [
      'a query_sm',
      '00000014 00000003 00000000 00000007 00000000',
      { command: 'query_sm_resp', status: STATUS.ESME_RINVBNDSTS },
    ],
  ])('is answered for %s, and the session lives on', async (_, hex, answer) => {
    const peer = await bound();
    peer.sendHex(hex);
    expect(await peer.take(1)).toMatchObject([{ ...answer, sequence: 7 }]);
    peer.send({ command: 'enquire_link', sequence: 8 });
    expect(await peer.take(1)).toMatchObject([{ command: 'enquire_link_resp', sequence: 8 }]);
  });

  it.each(['0000000f', '7fffffff', '00010001'])(
    'is left when the stream breaks at command_length %s',
    async (length) => {
      const peer = await bound();
      session.submitMany(messages(1), ['a']);
      await peer.take(1);
      peer.sendHex(`${length} 00000015 00000000 00000007`);
      expect(await peer.take(1)).toMatchObject([
        { command: 'generic_nack', status: STATUS.ESME_RINVCMDLEN, sequence: 0 },
      ]);
      await until(() => peer.closed, 'the connection is closed');
      expect(closed?.[0].kind).toBe('broken-stream');
      expect(results).toMatchObject([{ outcome: 'closed' }]);
    },
  );

  it('never has a response answered', async () => {
    const peer = await bound();
    peer.sendHex('00000012 80000004 00000000 00000063 4142 00000010 80000099 00000000 00000064');
    peer.send({ command: 'submit_sm_resp', sequence: 99 }, { command: 'enquire_link', sequence: 8 });
    expect(await peer.take(1)).toMatchObject([{ command: 'enquire_link_resp', sequence: 8 }]);
  });
});

describe('a peer that does not read', () => {
  it('stops being read, and is given up in time', async () => {
    const peer = await bound({ responseTimeoutMs: 1000, enquireLinkMs: 0, window: 100_000 });
    peer.socket.pause();
    const big = { destination_addr: '1', short_message: Buffer.alloc(254) };
    while (session.writable) session.submitMany(Array(100).fill(big), names(100));
    expect(session.state).toBe('bound_trx');
    clock.advance(1000);
    expect(closed?.[0].kind).toBe('link-dead');
  });

  it('is written to again once it reads', async () => {
    const peer = await bound({ window: 100_000 });
    peer.socket.pause();
    const big = { destination_addr: '1', short_message: Buffer.alloc(254) };
    let sent = 0;
    while (session.writable) sent += session.submitMany(Array(100).fill(big), names(100));
    const drained = once(session, 'drain');
    peer.socket.resume();
    await drained;
    expect(session.writable).toBe(true);
    sent += session.submitMany([big], ['last']);
    const all = await peer.take(sent);
    expect(all.map((pdu) => pdu.sequence)).toEqual(all.map((_, i) => all[0]!.sequence + i));
    expect(all.every((pdu) => pdu.command === 'submit_sm')).toBe(true);
  });
});
