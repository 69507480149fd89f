import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Peer, until } from '../test/peer.ts';
import { EsmeSession } from './esme.ts';
import { ManualClock } from './lib/clock.ts';
import type { DeliverSm, PduInput, SubmitSm } from './pdu/commands.ts';
import { STATUS } from './pdu/statuses.ts';
import type { Answer, CloseReason } from './session-contract.ts';
import { type SmscOptions, SmscServer, type SmscSession } from './smsc.ts';

const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function listen(options: SmscOptions = {}): Promise<SmscServer<string>> {
  const server = new SmscServer<string>(options);
  await server.listen();
  closing.push(() => server.close());
  return server;
}

async function dial(server: SmscServer<string>): Promise<Peer> {
  const socket = connect(server.port, '127.0.0.1');
  closing.push(() => socket.destroy());
  const peer = new Peer(socket);
  await once(socket, 'connect');
  return peer;
}

const BIND = { command: 'bind_transceiver', sequence: 1, system_id: 'esme', interface_version: 0x34 } as const;

async function bind(server: SmscServer<string>, request: PduInput = BIND): Promise<[Peer, SmscSession<string>]> {
  const session = once(server, 'session');
  const peer = await dial(server);
  peer.send(request);
  await peer.take(1);
  const [bound] = await session;
  return [peer, bound];
}

describe('binding', () => {
  it.each([
    ['bind_transmitter', 'bound_tx', 'transmitter'],
    ['bind_receiver', 'bound_rx', 'receiver'],
    ['bind_transceiver', 'bound_trx', 'transceiver'],
  ] as const)('accepts a %s', async (command, state, bindType) => {
    const server = await listen({ system_id: 'HOUSE' });
    const bound = once(server, 'session');
    const peer = await dial(server);
    peer.send({ ...BIND, command });
    expect(await peer.take(1)).toMatchObject([
      { command: `${command}_resp`, status: 0, sequence: 1, system_id: 'HOUSE', tlvs: { sc_interface_version: 0x34 } },
    ]);
    const [session] = await bound;
    expect(session.state).toBe(state);
    expect(session.bound).toEqual({
      bindType,
      systemId: 'esme',
      interfaceVersion: 0x34,
      optionalParameters: true,
    });
    expect(session.free).toBe(command === 'bind_transmitter' ? 0 : 100);
    expect(server.sessions.size).toBe(1);
  });

  it.each([
    ['an ESME of 3.3 at an SMSC of 3.4', 0x33, {}],
    ['an ESME of 3.4 at an SMSC of 3.3', 0x34, { interface_version: 0x33 }],
  ])('sends no optional parameters: %s', async (_, interface_version, options) => {
    const server = await listen(options);
    const session = once(server, 'session');
    const peer = await dial(server);
    peer.send({ ...BIND, interface_version });
    expect(await peer.take(1)).toMatchObject([{ status: 0, tlvs: undefined }]);
    const [bound] = (await session) as [SmscSession<string>];
    expect(bound.bound?.optionalParameters).toBe(false);
    expect(bound.deliverMany([{ short_message: 'x', tlvs: { message_state: 2 } }], ['a'])).toBe(1);
    expect(await peer.take(1)).toMatchObject([{ command: 'deliver_sm', tlvs: undefined }]);
  });

  it('tells an ESME of 5.0 which version it speaks itself', async () => {
    for (const [options, told] of [
      [{}, 0x34],
      [{ interface_version: 0x50 }, 0x50],
    ] as const) {
      const peer = await dial(await listen(options));
      peer.send({ ...BIND, interface_version: 0x50 });
      expect(await peer.take(1)).toMatchObject([{ status: 0, tlvs: { sc_interface_version: told } }]);
    }
  });

  it.each([
    ['at once', (status: number) => status],
    ['later', async (status: number) => status],
  ])('refuses whom its owner refuses, %s', async (_, when) => {
    const server = await listen({
      authenticate: (request) => when(request.password === 'right' ? STATUS.ESME_ROK : STATUS.ESME_RINVPASWD),
    });
    const wrong = await dial(server);
    wrong.send({ ...BIND, password: 'wrong' });
    expect(await wrong.take(1)).toMatchObject([{ command: 'bind_transceiver_resp', status: STATUS.ESME_RINVPASWD }]);
    await until(() => wrong.closed, 'the connection is closed');
    const [, session] = await bind(server, { ...BIND, password: 'right' });
    expect(session.state).toBe('bound_trx');
  });

  it('refuses with a system error when its owner cannot tell', async () => {
    const server = await listen({ authenticate: () => Promise.reject(new Error('no database')) });
    const peer = await dial(server);
    peer.send(BIND);
    expect(await peer.take(1)).toMatchObject([{ status: STATUS.ESME_RSYSERR }]);
  });

  it('refuses a second bind, and anything before the first', async () => {
    const server = await listen();
    const peer = await dial(server);
    peer.send({ command: 'submit_sm', sequence: 5 }, { command: 'enquire_link', sequence: 6 }, BIND, {
      ...BIND,
      sequence: 2,
    });
    expect(await peer.take(4)).toMatchObject([
      { command: 'submit_sm_resp', sequence: 5, status: STATUS.ESME_RINVBNDSTS },
      { command: 'enquire_link_resp', sequence: 6, status: STATUS.ESME_RINVBNDSTS },
      { command: 'bind_transceiver_resp', sequence: 1, status: STATUS.ESME_ROK },
      { command: 'bind_transceiver_resp', sequence: 2, status: STATUS.ESME_RALYBND },
    ]);
  });

  it('refuses a second bind while the first is being decided', async () => {
    let decide: (status: number) => void = () => {};
    const server = await listen({ authenticate: () => new Promise((resolve) => (decide = resolve)) });
    const peer = await dial(server);
    peer.send(BIND, { ...BIND, sequence: 2 });
    expect(await peer.take(1)).toMatchObject([{ sequence: 2, status: STATUS.ESME_RALYBND }]);
    decide(STATUS.ESME_ROK);
    expect(await peer.take(1)).toMatchObject([{ sequence: 1, status: STATUS.ESME_ROK }]);
  });

  it('waits for a bind no longer than its limit', async () => {
    const clock = new ManualClock();
    const server = await listen({ clock, bindTimeoutMs: 1000 });
    const peer = await dial(server);
    await until(() => server.sessions.size === 1, 'the connection is taken');
    clock.advance(1000);
    await until(() => peer.closed, 'the connection is closed');
    expect(server.sessions.size).toBe(0);
  });

  it('takes no more connections than its limit', async () => {
    const server = await listen({ maxSessions: 1 });
    await bind(server);
    const second = await dial(server);
    await until(() => second.closed, 'the second is closed');
    expect(server.sessions.size).toBe(1);
  });
});

describe('a bound session', () => {
  it('refuses what its bind does not allow', async () => {
    const server = await listen();
    const [receiver] = await bind(server, { ...BIND, command: 'bind_receiver' });
    receiver.send({ command: 'submit_sm', sequence: 2 }, { command: 'deliver_sm', sequence: 3 });
    expect(await receiver.take(2)).toMatchObject([
      { command: 'submit_sm_resp', sequence: 2, status: STATUS.ESME_RINVBNDSTS },
      { command: 'deliver_sm_resp', sequence: 3, status: STATUS.ESME_RINVBNDSTS },
    ]);
  });

  it('delivers within its window and hands back what becomes of it', async () => {
    const server = await listen({ window: 2 });
    const [peer, session] = await bind(server);
    const results: Answer<string>[] = [];
    session.on('results', (batch) => results.push(...batch));
    const texts = ['a', 'b', 'c'].map((short_message) => ({ short_message }));
    expect(session.deliverMany(texts, ['a', 'b', 'c'])).toBe(2);
    const [first, second] = await peer.take(2);
    peer.send(
      { command: 'deliver_sm_resp', sequence: second!.sequence, status: STATUS.ESME_RX_T_APPN },
      { command: 'deliver_sm_resp', sequence: first!.sequence },
    );
    await until(() => results.length === 2, 'both are answered');
    expect(results).toMatchObject([
      { context: 'b', status: STATUS.ESME_RX_T_APPN },
      { context: 'a', status: STATUS.ESME_ROK },
    ]);
    expect(session.deliverMany(texts, ['a', 'b', 'c'], 2)).toBe(1);
  });

  it('gives out requests in batches and answers them with one write', async () => {
    const server = await listen();
    const [peer, session] = await bind(server);
    const chunks: Buffer[] = [];
    peer.socket.on('data', (chunk) => chunks.push(chunk));
    const batches: number[] = [];
    session.on('pdus', (pdus) => {
      batches.push(pdus.length);
      const submits = pdus as SubmitSm[];
      session.respondMany(
        submits,
        submits.map((_, i) => (i === 1 ? STATUS.ESME_RTHROTTLED : 0)),
        submits.map((pdu) => `id-${pdu.destination_addr}`),
      );
    });
    peer.send(
      ...[2, 3, 4].map((sequence) => ({ command: 'submit_sm', sequence, destination_addr: `${sequence}` }) as const),
    );
    expect(await peer.take(3)).toMatchObject([
      { sequence: 2, status: 0, message_id: 'id-2' },
      { sequence: 3, status: STATUS.ESME_RTHROTTLED, message_id: '' },
      { sequence: 4, status: 0, message_id: 'id-4' },
    ]);
    expect([batches, chunks.length]).toEqual([[3], 1]);
  });

  it('answers every kind of request with its own response', async () => {
    const server = await listen();
    const [peer, session] = await bind(server);
    session.on('pdus', (pdus) => {
      for (const pdu of pdus) {
        if (pdu.command === 'query_sm')
          session.respond(pdu, STATUS.ESME_ROK, { message_id: pdu.message_id, message_state: 2 });
        else if (pdu.command === 'submit_multi') session.respond(pdu, STATUS.ESME_ROK, { message_id: 'm' });
        else if (pdu.command === 'data_sm') session.respond(pdu, STATUS.ESME_RDELIVERYFAILURE);
        else if (pdu.command === 'cancel_sm' || pdu.command === 'replace_sm') session.respond(pdu);
      }
    });
    peer.send(
      { command: 'query_sm', sequence: 2, message_id: 'q' },
      { command: 'submit_multi', sequence: 3 },
      { command: 'data_sm', sequence: 4 },
      { command: 'cancel_sm', sequence: 5 },
      { command: 'replace_sm', sequence: 6 },
    );
    expect(await peer.take(5)).toMatchObject([
      { command: 'query_sm_resp', sequence: 2, message_id: 'q', message_state: 2 },
      { command: 'submit_multi_resp', sequence: 3, message_id: 'm' },
      { command: 'data_sm_resp', sequence: 4, status: STATUS.ESME_RDELIVERYFAILURE },
      { command: 'cancel_sm_resp', sequence: 5 },
      { command: 'replace_sm_resp', sequence: 6 },
    ]);
  });

  it('is closed with its server', async () => {
    const server = await listen();
    const [peer, session] = await bind(server);
    const closed = once(session, 'closed') as Promise<[CloseReason]>;
    await server.close();
    expect((await closed)[0].kind).toBe('destroyed');
    await until(() => peer.closed, 'the connection is closed');
    await expect(server.close()).resolves.toBeUndefined();
  });
});

describe('both ends', () => {
  it('speak with each other, over TLS as well', async () => {
    const psk = Buffer.from('0123456789abcdef');
    const server = await listen({ tls: { pskCallback: () => psk, ciphers: 'PSK', maxVersion: 'TLSv1.2' } });
    const esme = new EsmeSession<number>({
      host: '127.0.0.1',
      port: server.port,
      system_id: 'esme',
      tls: {
        pskCallback: () => ({ psk, identity: 'esme' }),
        ciphers: 'PSK',
        maxVersion: 'TLSv1.2',
        checkServerIdentity: () => undefined,
      },
    });
    closing.push(() => esme.destroy());
    server.on('session', (session) => {
      session.on('pdus', (pdus) => {
        session.respondMany(
          pdus as SubmitSm[],
          0,
          pdus.map((pdu) => `m${pdu.sequence}`),
        );
        session.deliverMany([{ short_message: 'back' }], ['back']);
      });
    });
    const delivered: DeliverSm[] = [];
    esme.on('pdus', (pdus) => {
      delivered.push(...(pdus as DeliverSm[]));
      esme.respondMany(pdus);
    });
    const answers: Answer<number>[] = [];
    esme.on('results', (batch) => answers.push(...batch));
    await esme.open();
    esme.submitMany([{ destination_addr: '15550100' }], [1]);
    await until(() => answers.length === 1 && delivered.length === 1, 'both have arrived');
    expect(answers[0]).toMatchObject({ context: 1, outcome: 'answered' });
    expect(delivered[0]?.short_message.toString('latin1')).toBe('back');
    await esme.unbind();
  });

  it('survive a plain client at a TLS server', async () => {
    const server = await listen({
      tls: { pskCallback: () => Buffer.alloc(16), ciphers: 'PSK', maxVersion: 'TLSv1.2' },
    });
    const peer = await dial(server);
    peer.send(BIND);
    await until(() => peer.closed, 'the connection is closed');
  });

  it('cannot listen on a port that is taken', async () => {
    const server = await listen();
    await expect(new SmscServer({ port: server.port }).listen()).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
