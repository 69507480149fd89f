import { once } from 'node:events';
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anyPdu } from '../test/arbitrary.ts';
import { Peer, PeerServer, until } from '../test/peer.ts';
import { EsmeSession } from './esme.ts';
import { ManualClock } from './lib/clock.ts';
import { COMMANDS } from './pdu/commands.ts';
import { encodePdu } from './pdu/encode.ts';
import { SmscServer } from './smsc.ts';

const clock = new ManualClock();
let smsc: SmscServer;
let carriers: PeerServer;

beforeAll(async () => {
  smsc = new SmscServer({ clock });
  await smsc.listen();
  smsc.on('session', (session) => {
    session.on('pdus', (pdus) => {
      for (const pdu of pdus)
        if (pdu.command !== 'outbind' && pdu.command !== 'alert_notification') session.respond(pdu);
    });
  });
  carriers = await new PeerServer().listen();
});

afterAll(async () => {
  await smsc.close();
  await carriers.close();
});

/** A PDU, a PDU with some octets changed, a believable header with any body, or just octets. */
const piece = fc.oneof(
  anyPdu.map((pdu) => encodePdu(pdu)),
  fc.tuple(anyPdu, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 })).map(([pdu, changes]) => {
    const wire = encodePdu(pdu);
    for (const [at, octet] of changes) wire[4 + (at % (wire.length - 4))] = octet;
    return wire;
  }),
  fc
    .tuple(fc.constantFrom(...Object.values(COMMANDS).map((spec) => spec.id)), fc.uint8Array({ maxLength: 60 }))
    .map(([id, body]) => {
      const wire = Buffer.alloc(16 + body.length);
      wire.writeUInt32BE(wire.length, 0);
      wire.writeUInt32BE(id, 4);
      wire.set(body, 16);
      return wire;
    }),
  { weight: 1, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 40 }).map((octets) => Buffer.from(octets)) },
);

const stream = fc.array(piece, { minLength: 1, maxLength: 20 });

describe('octets nobody meant', () => {
  it('end an SMSC session or are answered; the server goes on', async () => {
    await fc.assert(
      fc.asyncProperty(stream, fc.boolean(), async (pieces, bound) => {
        const socket = connect(smsc.port, '127.0.0.1');
        const peer = new Peer(socket);
        await once(socket, 'connect');
        if (bound) {
          peer.send({ command: 'bind_transceiver', sequence: 1, system_id: 'fuzz' });
          await peer.next();
        }
        for (const each of pieces) socket.write(each);
        socket.end();
        await until(() => peer.closed, 'the connection is closed');
      }),
      { numRuns: 150 },
    );
    await until(() => smsc.sessions.size === 0, 'all sessions are gone');
    const peer = new Peer(connect(smsc.port, '127.0.0.1'));
    peer.send({ command: 'bind_receiver', sequence: 1, system_id: 'fine' });
    expect(await peer.take(1)).toMatchObject([{ command: 'bind_receiver_resp', status: 0 }]);
    peer.socket.destroy();
  });

  it('end an ESME session or are answered, and no request is lost', async () => {
    await fc.assert(
      fc.asyncProperty(stream, async (pieces) => {
        const esme = new EsmeSession<number>({ host: '127.0.0.1', port: carriers.port, system_id: 'fuzz', clock });
        let results = 0;
        esme.on('results', (batch) => {
          results += batch.length;
        });
        esme.on('pdus', (pdus) => {
          for (const pdu of pdus) if (pdu.command === 'deliver_sm') esme.respond(pdu);
        });
        const closed = once(esme, 'closed');
        const opened = esme.open();
        const peer = await carriers.peer();
        await peer.acceptBind();
        await opened;
        expect(esme.submitMany([{}, {}, {}], [1, 2, 3])).toBe(3);
        for (const each of pieces) peer.socket.write(each);
        peer.socket.end();
        await closed;
        expect(results).toBe(3);
      }),
      { numRuns: 150 },
    );
  });
});
